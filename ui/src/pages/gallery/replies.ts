/** One section as the server gives it; see /api/openapi.json. */

export interface View {
  id: string;
  title: string;
  paragraphs: string[];
  points: string[];
  figures: { id: string; title: string; note: string }[];
  tables: {
    caption: string;
    columns: { name: string; kind: "text" | "number" | "machine" }[];
    rows: string[][];
    note: string;
    folded: boolean;
  }[];
}
