/** The jobs of the workbench as this page knows them: asked for again while any is under way. */

import { ApiError, get, send } from "../../lib/api";
import type { Job } from "./replies";

const EVERY_MS = 1_000;
const AT_MOST_S = 15;
const ENDED = new Set(["done", "failed", "stopped"]);

export const hasEnded = (job: Job<unknown>): boolean => ENDED.has(job.state);

class JobList {
  all = $state.raw<readonly Job[]>([]);
  error = $state.raw<unknown>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  /** Keep the list fresh for as long as the page is open; gives what ends that. */
  open(): () => void {
    this.#isOpen = true;
    void this.load();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
    };
  }

  async load(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.all = (await get<{ jobs: Job[] }>("/api/setup/jobs")).jobs;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
    const isWanted = this.error !== null || this.all.some((one) => !hasEnded(one));
    if (this.#isOpen && isWanted) this.#timer = setTimeout(() => void this.load(), EVERY_MS);
  }

  /** Start a job, and wait for what comes of it. Throws the server's refusal if it fails, and an `AbortError` if it was stopped. */
  async run<R>(asked: Record<string, unknown>): Promise<R> {
    const started = await send<Job<R>>("POST", "/api/setup/jobs", asked);
    void this.load();
    return this.result<R>(started.id);
  }

  async result<R>(id: string): Promise<R> {
    for (;;) {
      const job = await get<Job<R>>(`/api/setup/jobs/${encodeURIComponent(id)}`, { wait_s: AT_MOST_S });
      if (!hasEnded(job)) continue;
      void this.load();
      if (job.result !== null) return job.result;
      throw new ApiError(409, job.error ?? { code: "YH903", problem: job.state, facts: {}, fix: "" });
    }
  }

  async stop(job: Job): Promise<void> {
    await send("POST", `/api/setup/jobs/${encodeURIComponent(job.id)}/stop`);
    await this.load();
  }

  async again(job: Job): Promise<void> {
    await send("POST", `/api/setup/jobs/${encodeURIComponent(job.id)}/again`);
    await this.load();
  }
}

export const jobs = new JobList();
