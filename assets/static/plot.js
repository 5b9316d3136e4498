// Charts of detail pages: it puts a picture that can be pointed at in place of the one that
// the server drew, from the same figures, and draws it anew when the words beside it have
// changed. It holds no text of its own.
(() => {
  const lang = document.documentElement.lang;
  const height = 150;
  const patience = 3000; // between two looks for new figures
  const gap = matchMedia("(max-width: 600px)");

  const written = (value, digits) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
  const percent = (value) => new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(value);
  const digits = (value) => (value < 10 ? 1 : 0);
  // How figures of a kind are scaled and written.
  const kinds = {
    ms: { scale: 1, write: (v, u) => (v < 1000 ? u.ms.replace("{}", written(v, digits(v))) : u.s.replace("{}", written(v / 1000, 1))) },
    bytes: { scale: 1 / (1 << 20), write: (v, u) => (v < 1024 ? u.mib.replace("{}", written(v, digits(v))) : u.gib.replace("{}", written(v / 1024, 1))) },
    share: { scale: 1, write: percent, full: 1 },
    count: { scale: 1, write: (v) => written(v, digits(v)), whole: true },
  };
  const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

  // The same answer serves all charts that want it.
  const answers = new Map();
  function ask(source) {
    const known = answers.get(source);
    if (known && Date.now() - known.at < patience / 2) return known.answer;
    const answer = fetch(source, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : Promise.reject(new Error(r.status))));
    answers.set(source, { at: Date.now(), answer });
    return answer;
  }

  class Chart {
    constructor(box) {
      this.box = box;
      this.panel = box.closest("section");
      this.words = document.getElementById(box.dataset.words);
      this.plan = JSON.parse(box.dataset.plot);
      this.kind = kinds[this.plan.kind];
      this.swatches = [...this.panel.querySelectorAll(".legend .swatch")];
      this.when = this.panel.querySelector(".legend .when");
      this.times = new Intl.DateTimeFormat(lang, { timeZone: "UTC", month: this.plan.days ? "short" : undefined, day: this.plan.days ? "numeric" : undefined, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      this.ticks = new Intl.DateTimeFormat(lang, { timeZone: "UTC", ...(this.plan.days ? { month: "numeric", day: "numeric" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) });
      this.said = this.words.textContent;
      this.watch = new ResizeObserver(() => {
        if (!this.box.isConnected) drop(this);
        else if (this.plot && this.box.clientWidth !== this.plot.width) this.plot.setSize({ width: this.box.clientWidth, height });
      });
      this.load();
    }

    // shown writes a moment of the server's clock.
    shown(format, seconds) { return format.format(new Date((seconds + this.plan.offset) * 1000)); }

    async load() {
      let answer;
      try {
        answer = await ask(this.plan.source);
      } catch {
        return; // what was drawn stays
      }
      if (!this.box.isConnected) return drop(this);
      this.width = answer.slotSeconds;
      this.range = [answer.at[0], answer.end];
      this.marks = this.plan.marks ? answer[this.plan.marks] : null;
      const lines = this.plan.lines.map((key) => answer[key].map((v) => (v === null ? null : v * this.kind.scale)));
      this.data = [answer.at.map((at) => at + this.width / 2), ...lines];
      if (this.plot) {
        this.plot.setData(this.data);
      } else {
        this.draw();
      }
      this.tell(null);
    }

    draw() {
      const ink = (i) => () => getComputedStyle(this.swatches[i]).color;
      const mute = () => getComputedStyle(this.box).color;
      const rule = () => getComputedStyle(this.box).borderTopColor;
      const font = "12px " + getComputedStyle(this.box).fontFamily;
      const axis = { stroke: mute, font, grid: { stroke: rule, width: 1 }, ticks: { show: false }, gap: 6 };
      this.box.replaceChildren();
      this.box.classList.add("drawn");
      this.box.setAttribute("aria-hidden", "true"); // the words beside it say the same
      this.plot = new uPlot({
        width: this.box.clientWidth,
        height,
        padding: [8, 20, 0, 0],
        legend: { show: false },
        tzDate: (seconds) => uPlot.tzDate(new Date((seconds + this.plan.offset) * 1000), "Etc/UTC"),
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: true, range: () => this.range },
          y: { range: (_, __, most) => [0, this.top(most ?? 0)] },
        },
        series: [{}, ...this.plan.lines.map((_, i) => ({ stroke: ink(i), width: 1.8, dash: i > 0 ? [5, 4] : undefined, points: { show: false } }))],
        axes: [
          { ...axis, size: 24, space: gap.matches ? 70 : 90, values: (_, splits) => splits.map((s) => this.shown(this.ticks, s)) },
          { ...axis, size: 64, space: 34, incrs: this.kind.whole ? whole : undefined, values: (_, splits) => splits.map((v) => this.kind.write(v, this.plan.units)) },
        ],
        hooks: {
          draw: [(u) => { this.lone(u); this.mark(u); }],
          setCursor: [(u) => this.tell(u.cursor.idx)],
        },
      }, this.data, this.box);
      this.watch.observe(this.box);
    }

    // top is the upper end of the scale: some air above the highest figure, but no more
    // than all there is of a kind that has an end.
    top(most) {
      const airy = Math.max(most * 1.15, this.plan.least * this.kind.scale);
      return most <= this.kind.full ? Math.min(airy, this.kind.full) : airy;
    }

    // lone draws what has no neighbour, which a line would not show.
    lone(u) {
      this.plan.lines.forEach((_, i) => {
        const line = u.data[i + 1];
        u.ctx.fillStyle = getComputedStyle(this.swatches[i]).color;
        line.forEach((v, at) => {
          if (v === null || (line[at - 1] ?? null) !== null || (line[at + 1] ?? null) !== null) return;
          u.ctx.beginPath();
          u.ctx.arc(u.valToPos(u.data[0][at], "x", true), u.valToPos(v, "y", true), 1.8 * devicePixelRatio, 0, 2 * Math.PI);
          u.ctx.fill();
        });
      });
    }

    // mark draws a bar at the lower edge wherever something failed.
    mark(u) {
      if (!this.marks) return;
      const wide = 3 * devicePixelRatio, high = 10 * devicePixelRatio;
      u.ctx.fillStyle = getComputedStyle(this.swatches[this.plan.lines.length]).color;
      this.marks.forEach((n, i) => {
        if (n > 0) u.ctx.fillRect(u.valToPos(u.data[0][i], "x", true) - wide / 2, u.bbox.top + u.bbox.height - high, wide, high);
      });
    }

    // latest is the last slot with a figure: a minute that has just begun has none yet.
    latest() {
      const [at, ...lines] = this.data;
      const known = at.findLastIndex((_, i) => lines.some((line) => line[i] !== null));
      return known < 0 ? at.length - 1 : known;
    }

    // tell writes the figures that are pointed at, or the last ones, into the legend.
    tell(at) {
      at ??= this.latest();
      this.swatches.forEach((swatch, i) => {
        const v = i < this.plan.lines.length ? this.data[i + 1][at] : this.marks[at];
        const text = v === null ? "" : i < this.plan.lines.length ? this.kind.write(v, this.plan.units) : written(v, 0);
        swatch.parentElement.querySelector("b").textContent = text;
      });
      this.when.textContent = this.shown(this.times, this.data[0][at] - this.width / 2);
    }
  }

  const charts = new Set([...document.querySelectorAll("[data-plot]")].map((box) => new Chart(box)));

  function drop(chart) {
    chart.watch.disconnect();
    chart.plot?.destroy();
    charts.delete(chart);
  }

  // The words change with the truth, by the stream of the page: then so does the picture.
  let due = 0;
  function look() {
    due = 0;
    if (document.hidden) return;
    for (const chart of charts) {
      chart.words = document.getElementById(chart.box.dataset.words);
      if (!chart.words || !chart.box.isConnected) {
        drop(chart);
      } else if (chart.words.textContent !== chart.said) {
        chart.said = chart.words.textContent;
        chart.load();
      }
    }
  }
  document.addEventListener("htmx:after:swap", () => { due ||= setTimeout(look, patience); });
  document.addEventListener("visibilitychange", look);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const chart of charts) chart.plot?.redraw(false); });
  addEventListener("pagehide", () => { for (const chart of [...charts]) drop(chart); });
})();
