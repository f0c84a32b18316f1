"""The classifier: a linear model on n-grams, trained on a study's own gold and cross-fitted. It is loaded only when it is asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yuhu.coding.classifier.coder import ClassifierCoder
    from yuhu.core.contracts import CoderSetup


def make_classifier(setup: "CoderSetup") -> "ClassifierCoder":
    """The classifier for a study, or one that was saved (option ``model``).

    Raises
    ------
    YuhuError
        YH508 an option is unknown or out of range, or the saved model does not fit; YH509 there are too few labels.
    """
    from yuhu.coding.classifier.coder import classifier_coder

    return classifier_coder(setup)


__all__ = ["make_classifier"]
