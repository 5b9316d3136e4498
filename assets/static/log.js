// What the log viewer does beyond the page: it fetches the lines that come, follows them
// unless the reader has scrolled up, and copies. It holds no text of its own.
(() => {
  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("button[data-copy]");
    if (!button) return;
    const lines = [...document.querySelectorAll(button.dataset.copy + " > li")].map((line) => {
      const [time, ...rest] = line.children;
      return [time.dateTime, ...rest.map((part) => part.textContent.replace(/\s+/g, " ").trim())].join(" ");
    });
    const word = button.textContent;
    try {
      await navigator.clipboard.writeText(lines.join("\n") + "\n");
    } catch { // an old browser, or one that was told to ask
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = lines.join("\n") + "\n";
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = word; }, 2000);
  });
  for (const button of document.querySelectorAll(".scripted")) button.hidden = false;

  const box = document.getElementById("log");
  if (!box) return;
  const list = box.querySelector("ol");
  const newest = document.getElementById("newest");
  const most = Number(box.dataset.most);
  let last = Number(box.dataset.last);
  let following = true;
  let fetching = false;

  function follow() {
    if (following) box.scrollTop = box.scrollHeight;
    newest.hidden = following;
  }
  // Lines go only while nobody reads them: else the text would move under the reader.
  function trim() {
    const room = following ? most : 4 * most;
    while (list.children.length > room) list.firstElementChild.remove();
  }
  async function more() {
    const state = document.getElementById("log-state");
    if (fetching || !state || !(Number(state.dataset.last) > last)) return;
    fetching = true;
    try {
      const reached = Number(state.dataset.last);
      const join = box.dataset.address.includes("?") ? "&" : "?";
      const answer = await fetch(box.dataset.address + join + "after=" + last);
      if (!answer.ok) return;
      list.insertAdjacentHTML("beforeend", await answer.text());
      last = Math.max(reached, Number(list.lastElementChild?.dataset.seq ?? 0));
      trim();
      follow();
    } catch {
      return; // the program is gone; what it says when it is back brings us here again
    } finally {
      fetching = false;
    }
    more();
  }
  box.classList.add("live");
  follow();
  box.addEventListener("scroll", () => {
    following = box.scrollHeight - box.clientHeight - box.scrollTop < 8;
    newest.hidden = following;
    if (following) trim();
  });
  newest.addEventListener("click", () => { following = true; trim(); follow(); box.focus({ preventScroll: true }); });
  document.addEventListener("htmx:after:swap", more);
})();
