/** Something that a page does on request: whether it is under way, and why it failed. */
export class Attempt {
  isBusy = $state(false);
  error = $state.raw<unknown>(null);

  /** Do it; tells whether it went through. What failed before is forgotten. */
  async run(what: () => Promise<unknown>): Promise<boolean> {
    this.isBusy = true;
    this.error = null;
    try {
      await what();
      return true;
    } catch (reason) {
      this.error = reason;
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  /** Forget what failed. */
  clear(): void {
    this.error = null;
  }
}
