// While a run goes on, the report on the page is replaced by a newer one every few seconds.

const EVERY_MS = 5000;

async function refresh() {
  const old = document.querySelector("[data-report][data-running]");
  if (!old) return;
  if (!document.hidden && !old.contains(document.activeElement)) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-report]");
      if (answer.ok && fresh) old.replaceWith(fresh);
    } catch {
      // The site may be away for a moment; the next round asks again.
    }
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
