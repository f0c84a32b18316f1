"""One public function per verb; the only room that joins sources, coding, measures and simulation."""
