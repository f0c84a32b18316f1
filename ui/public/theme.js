// Before the first paint, so that a page in the dark does not flash.
const kept = localStorage.getItem("yuhu.theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
