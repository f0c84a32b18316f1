/** Requests to the server of this page. A refusal is an `ApiError` with the server's own code, facts and fix. */

import type { Explained } from "./refusal";

export interface Refusal {
  code: string;
  problem: string;
  facts: Record<string, string>;
  fix: string;
  /** The same for the readers of pages, by language. */
  shown?: Record<"en" | "zh", Explained>;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
  ) {
    super(`${refusal.code} ${refusal.problem}`);
  }
}

/** The server could not be reached: it was stopped, or the connection was lost. */
export class OfflineError extends Error {}

/** Sent to the window when the server no longer knows who asks: the session has ended. */
export const SIGNED_OUT = "yuhu:signedout";

type Query = Record<string, string | number | boolean | undefined | readonly string[]>;

function address(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function answer<T>(asked: Promise<Response>): Promise<T> {
  let reply: Response;
  try {
    reply = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new OfflineError(String(error));
  }
  if (reply.ok) return (reply.status === 204 ? undefined : await reply.json()) as T;
  let refusal: Refusal = { code: "YH903", problem: `${reply.status} ${reply.statusText}`, facts: {}, fix: "" };
  try {
    refusal = ((await reply.json()) as { error: Refusal }).error ?? refusal;
  } catch {
    // not ours: what stands before the server answered, such as a proxy
  }
  if (reply.status === 502 || reply.status === 504) throw new OfflineError(refusal.problem);
  if (reply.status === 401 && !reply.url.endsWith("/api/sign-in")) dispatchEvent(new CustomEvent(SIGNED_OUT));
  throw new ApiError(reply.status, refusal);
}

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return answer<T>(fetch(address(path, query), { signal: signal ?? null }));
}

export function send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: unknown = {}, query: Query = {}): Promise<T> {
  return answer<T>(
    fetch(address(path, query), { method, headers: { "content-type": "application/json", "x-yuhu": "1" }, body: JSON.stringify(body) }),
  );
}

/** Send a file as it is, with how much of it has gone out. */
export function sendFile<T>(path: string, file: File, query: Query, heard: (share: number) => void): Promise<T> {
  return answer<T>(
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", address(path, query));
      request.setRequestHeader("x-yuhu", "1");
      request.setRequestHeader("content-type", "application/octet-stream");
      request.responseType = "blob";
      request.upload.onprogress = (event) => heard(event.total ? event.loaded / event.total : 0);
      request.onload = () => resolve(new Response(request.response as Blob, { status: request.status, statusText: request.statusText }));
      request.onerror = () => reject(new TypeError("the connection was lost"));
      request.send(file);
    }),
  );
}
