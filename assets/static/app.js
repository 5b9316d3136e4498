// What the page does beyond htmx: it turns clock times into "12s ago", and says
// when the stream of live events is lost. It holds no text of its own.
(() => {
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "narrow" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function distance(seconds, due) {
    const size = Math.abs(seconds);
    const [unit, length] = units.find(([, l]) => size >= l) ?? ["second", 1];
    const count = Math.trunc(size / length);
    return relative.format(due ? count : -count, unit);
  }

  function tick() {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-live]")) {
      const due = time.hasAttribute("data-due");
      const seconds = (Date.parse(time.dateTime) - now) / 1000;
      // A retry that is due now is not "ago", nor is a check of this moment "in 1s".
      const text = time.dataset.live.replace("{}", distance(due ? Math.max(seconds, 0) : Math.min(seconds, 0), due));
      if (time.textContent !== text) {
        time.title ||= time.textContent;
        time.textContent = text;
      }
    }
  }
  // Filters apply at once, and a form that is on its way says so.
  for (const form of document.querySelectorAll("form[data-auto]")) {
    form.addEventListener("change", () => form.requestSubmit());
    form.classList.add("auto");
  }
  document.addEventListener("submit", (e) => {
    const word = e.target.dataset.busy;
    if (!word || !e.submitter) return;
    // What is sent is read after this event: a button that was switched off now would be left out.
    setTimeout(() => {
      for (const button of e.target.querySelectorAll("button")) button.disabled = true;
      e.submitter.textContent = word;
    });
  });
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:after:swap", tick);

  // Whoever is signed out is asked for the key by the page itself.
  document.addEventListener("htmx:response:error", (e) => { if (e.detail.ctx?.response?.status === 401) location.reload(); });

  const stream = document.getElementById("stream");
  if (!stream) return;
  const pulse = document.getElementById("pulse");
  const patience = 2500; // a quick reconnect is not worth a banner
  const silence = 40000; // the server speaks every 15 s
  const clock = () => performance.now(); // nobody sets it
  let heard = clock();
  let connected = false;
  let broken = heard; // since when there is no stream

  function show(lost) {
    document.getElementById("lost").hidden = !lost;
    document.body.classList.toggle("stale", lost);
    pulse.classList.toggle("lost", lost);
    pulse.querySelector("span").textContent = lost ? pulse.dataset.lostWord : pulse.dataset.liveWord;
  }
  function hear() {
    heard = clock();
    connected = true;
    pulse.querySelector("time").dateTime = new Date().toISOString();
    show(false);
    tick();
  }
  function lose() {
    if (connected) broken = clock();
    connected = false;
  }
  document.addEventListener("htmx:sse:after:connection", hear);
  document.addEventListener("htmx:sse:after:message", hear);
  document.addEventListener("htmx:sse:before:connection", (e) => { if (e.detail.connection.attempt > 0) lose(); });
  document.addEventListener("htmx:sse:error", (e) => e.detail.status === 401 ? location.reload() : lose());
  document.addEventListener("htmx:sse:close", lose);
  // The program was replaced by another version: its cards need its styles.
  stream.addEventListener("stale", () => location.reload());
  setInterval(() => {
    if (document.hidden) {
      broken = heard = clock(); // the stream rests while nobody looks
      return;
    }
    if (connected ? clock() - heard > silence : clock() - broken > patience) show(true);
  }, 500);
})();
