/* 추적 하나의 타임라인을 그립니다. 다시 그릴 때 막대를 바꿔 쓰므로 키보드 초점이 남습니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});

  const MANY = 3;

  /** 요청의 부분과, 여러 번이면 큐에 넣는 일도 뺍니다. */
  const withoutParts = (layout) => {
    const isMany = layout.bars.filter((bar) => bar.kind === "queue").length > MANY;
    const keep = (bar) => bar.kind !== "part" && !(isMany && bar.kind === "queue");
    const nearer = (bar) => ({ ...bar, depth: Math.min(bar.depth, 1) });
    const groups = layout.groups.map((group) => ({ ...group, bars: group.bars.filter(keep).map(nearer) }));
    return { ...layout, groups, bars: layout.bars.filter(keep) };
  };

  class Chart {
    /** `compact`이면 요청의 부분(의존성, 직렬화)을 그리지 않습니다. */
    constructor({ compact = false } = {}) {
      this.compact = compact;
      this.rows = new Map();
      this.bars = new Map();
      this.marks = lab.element("div", { className: "lab-marks", role: "img" });
      this.body = lab.element("div", { className: "lab-rows" });
      this.axis = lab.element("div", { className: "lab-axis", aria: { hidden: "true" } });
      this.tip = lab.element("div", { className: "lab-tip", hidden: true });
      this.plot = lab.element(
        "div",
        { className: "lab-plot", role: "group", aria: { label: "타임라인" } },
        this.marks,
        this.body,
        this.axis,
        this.tip,
      );
      this.caption = lab.element("figcaption", { className: "lab-sentence" });
      this.tableHost = lab.tableHost();
      this.table = lab.element(
        "details",
        { className: "lab-fold", on: { toggle: () => this.drawTable() } },
        lab.element("summary", { textContent: "표로 보기" }),
        this.tableHost,
      );
      this.root = lab.element(
        "figure",
        { className: "lab-chart", hidden: true },
        this.caption,
        this.plot,
        this.table,
      );
      this.plot.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.tip.hidden = true;
      });
    }

    clear() {
      this.rows.clear();
      this.bars.clear();
      this.body.replaceChildren();
      this.marks.replaceChildren();
      this.tip.hidden = true;
      this.root.hidden = true;
      this.layout = null;
    }

    /** `length`(밀리초)를 주면 그 길이의 축에 그립니다. 두 타임라인의 축을 맞출 때 씁니다. */
    draw(full, length = null) {
      if (!full) return;
      const layout = this.compact ? withoutParts(full) : full;
      this.root.hidden = false;
      this.layout = layout;
      this.length = length ?? lab.niceLength(layout.end - layout.start);
      for (const group of layout.groups) this.drawGroup(group);
      this.order(layout.groups);
      this.drawMarks(layout);
      lab.drawAxis(this.axis, this.length);
      const sentence = lab.sentence(layout);
      lab.setText(this.caption, sentence);
      this.marks.setAttribute("aria-label", sentence);
      this.drawTable();
    }

    drawTable() {
      const state = this.layout?.bars.map((bar) => `${bar.span.span_id}${lab.barState(bar)}`).join();
      if (!this.table.open || !this.layout || this.tableHost.dataset.state === state) return;
      this.tableHost.dataset.state = state;
      this.tableHost.replaceChildren(lab.traceTable(this.layout));
    }

    drawGroup({ process, bars }) {
      if (!this.rows.has(`group ${process}`)) {
        const title = lab.element("div", { className: "lab-group", textContent: lab.processLabel(process) });
        this.rows.set(`group ${process}`, title);
      }
      for (const bar of bars) this.drawBar(bar);
    }

    drawBar(bar) {
      const id = bar.span.span_id;
      const row = this.rows.get(id) ?? this.makeRow(id);
      this.bars.set(id, bar);
      const [label, track, time] = row.children;
      const [box] = track.children;
      row.dataset.kind = bar.kind;
      row.dataset.state = bar.failed ? "failed" : bar.running ? "running" : bar.open ? "open" : "ended";
      row.dataset.name = bar.span.name;
      label.style.setProperty("--depth", bar.depth);
      lab.setText(label, lab.spanLabel(bar.span));
      label.title = bar.span.name;
      lab.setText(time, bar.failed ? `✕ ${lab.duration(bar.to - bar.from)}` : lab.barTime(bar));
      const from = bar.from - this.layout.start;
      box.style.left = `min(${lab.percent(from, this.length)}, 100% - 4px)`;
      box.style.width = lab.percent(Math.max(bar.to - bar.from, 0), this.length);
      lab.setText(box.firstChild, bar.failed ? `✕ ${bar.span.error ?? "실패"}` : "");
      // 예외 이름은 막대의 오른쪽에 적습니다. 자리가 없으면 막대 위나 왼쪽에 적습니다.
      const isWide = (bar.to - this.layout.start) / this.length > 0.55;
      box.dataset.name = !isWide ? "after" : from / this.length > 0.5 ? "before" : "over";
      box.setAttribute("aria-label", lab.barText(bar, this.layout.start).replaceAll("\n", ", "));
    }

    makeRow(id) {
      const show = () => this.showTip(id);
      const hide = () => (this.tip.hidden = true);
      const on = { focus: show, blur: hide, mouseenter: show, mouseleave: hide };
      const box = lab.element("div", { className: "lab-bar", tabIndex: 0, role: "img", on }, lab.element("span"));
      const row = lab.element(
        "div",
        { className: "lab-row" },
        lab.element("div", { className: "lab-label" }),
        lab.element("div", { className: "lab-track" }, box),
        lab.element("div", { className: "lab-time" }),
      );
      this.rows.set(id, row);
      return row;
    }

    order(groups) {
      const wanted = groups.flatMap(({ process, bars }) => [
        this.rows.get(`group ${process}`),
        ...bars.map((bar) => this.rows.get(bar.span.span_id)),
      ]);
      const shown = this.body.children;
      wanted.forEach((row, at) => {
        if (shown[at] !== row) this.body.insertBefore(row, shown[at] ?? null);
      });
      while (shown.length > wanted.length) this.body.lastChild.remove();
    }

    drawMarks({ start, response, faults }) {
      const kindOf = ({ action }) => (["start", "thaw"].includes(action) ? "repair" : "fault");
      const marks = faults.map((fault) => [fault.time, lab.faultLabel(fault), kindOf(fault)]);
      if (response !== null) marks.unshift([response, "응답이 나간 때", "response"]);
      const key = JSON.stringify([marks, this.length]);
      if (this.marks.dataset.key === key) return;
      this.marks.dataset.key = key;
      this.plot.style.setProperty("--marks", marks.length);
      this.marks.replaceChildren(
        ...marks.map(([time, text, kind], at) => {
          const line = lab.element(
            "div",
            { className: `lab-mark lab-mark--${kind}` },
            lab.element("span", { textContent: text }),
          );
          line.style.left = lab.percent(time - start, this.length);
          line.style.setProperty("--line", at);
          line.classList.toggle("lab-mark--flip", (time - start) / this.length > 0.6);
          return line;
        }),
      );
    }

    showTip(id) {
      const bar = this.bars.get(id);
      const row = this.rows.get(id);
      if (!bar || !row) return;
      lab.setText(this.tip, lab.barText(bar, this.layout.start));
      this.tip.hidden = false;
      const box = row.querySelector(".lab-bar");
      const plot = this.plot.getBoundingClientRect();
      const at = box.getBoundingClientRect();
      const left = Math.min(at.left - plot.left, plot.width - this.tip.offsetWidth);
      this.tip.style.left = `${Math.max(left, 0)}px`;
      this.tip.style.top = `${at.bottom - plot.top + 6}px`;
    }
  }

  lab.Chart = Chart;
})();
