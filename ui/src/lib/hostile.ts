/** Texts of strangers, so that all of them is seen: direction overrides and control characters stand there by name. Offsets count characters (code points), as the server does. */

export interface Piece {
  /** Where it begins in the text, in characters. */
  from: number;
  length: number;
  text: string;
  isSign: boolean;
}

const MOST_MARKS = 4;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const CONTROL = /[\p{Cc}\p{Cs}]/u;
const MARK = /[\p{Mn}\p{Me}]/u;

/** A text in pieces: what can be shown as it is, and signs that are shown by name. Of marks piled on one letter four are kept. */
export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let marks = 0;
  Array.from(text).forEach((char, at) => {
    marks = MARK.test(char) ? marks + 1 : 0;
    const isLine = char === "\n" || char === "\t";
    const isSign = !isLine && (BIDI.test(char) || CONTROL.test(char));
    const shown = isSign ? `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}` : marks > MOST_MARKS ? "" : char;
    const last = out.at(-1);
    if (last && !last.isSign && !isSign && shown === char) {
      last.text += shown;
      last.length += 1;
    } else out.push({ from: at, length: 1, text: shown, isSign });
  });
  return out;
}

/** One line of such a text, for lists. */
export function shown(text: string): string {
  return pieces(text)
    .map((one) => (one.isSign ? `⟨${one.text}⟩` : one.text))
    .join("");
}
