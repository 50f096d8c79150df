/* 요청 여러 개를 한 줄씩 얇게 그립니다. 스레드풀과 워커가 몇 개씩 처리하는지 보입니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});

  /** 요청 하나에서 그릴 조각: 요청 부분과 태스크 부분의 시작과 끝입니다. */
  const segments = (trace, now) => {
    const piece = (span, kind) => ({
      kind: span.end !== null && span.error ? "failed" : kind,
      from: span.start,
      to: span.end ?? trace.cutAt(span) ?? now,
      open: span.end === null,
    });
    const request = trace.request;
    return [
      ...(request ? [piece(request, "request")] : []),
      ...trace.tasks.map((span) => piece(span, "task")),
    ];
  };

  class Strip {
    constructor() {
      this.lanes = lab.element("div", { className: "lab-strip", role: "img" });
      this.axis = lab.element("div", { className: "lab-axis lab-axis--strip", aria: { hidden: "true" } });
      this.caption = lab.element("figcaption", { className: "lab-sentence" });
      this.tableHost = lab.tableHost();
      this.table = lab.element(
        "details",
        { className: "lab-fold", on: { toggle: () => this.drawTable() } },
        lab.element("summary", { textContent: "표로 보기" }),
        this.tableHost,
      );
      const key = (kind, text) =>
        lab.element("span", { className: `lab-key lab-key--${kind}`, textContent: text });
      this.root = lab.element(
        "figure",
        { className: "lab-chart", hidden: true },
        this.caption,
        lab.element("p", { className: "lab-keys" }, key("request", "요청"), key("task", "태스크"), key("failed", "✕ 실패")),
        this.lanes,
        this.axis,
        this.table,
      );
    }

    /** `traces`를 보낸 차례로, `start`(epoch 밀리초)부터의 축에 그립니다. */
    draw(traces, start, now) {
      this.root.hidden = false;
      this.lines = traces.map((trace) => segments(trace, now));
      this.start = start;
      const all = this.lines.flat();
      const end = Math.max(start + 1, ...all.map((piece) => piece.to));
      this.length = lab.niceLength(end - start);
      this.paint();
      this.lanes.style.backgroundSize = `${lab.percent(lab.tickStep(this.length), this.length)} 100%`;
      lab.drawAxis(this.axis, this.length);
      const text = this.sentence(all);
      lab.setText(this.caption, text);
      this.lanes.setAttribute("aria-label", text);
      this.drawTable();
    }

    sentence(all) {
      const answered = all.filter((piece) => piece.kind !== "task" && !piece.open);
      const requests = this.lines.filter((line) => line[0] && !line[0].open);
      const tasks = this.lines.flatMap((line) => line.slice(1));
      const done = tasks.filter((piece) => !piece.open);
      const last = (pieces) => lab.duration(Math.max(0, ...pieces.map((piece) => piece.to)) - this.start);
      const parts = [`요청 ${this.lines.length}개 가운데 ${requests.length}개에 응답이 나갔습니다.`];
      if (answered.length) parts.push(`마지막 응답이 나간 때: ${last(requests.map((line) => line[0]))}.`);
      if (tasks.length) {
        parts.push(`끝난 태스크: ${done.length}개, 함께 진행 중이던 태스크: 최대 ${this.most(tasks)}개(차례를 기다리던 것도 셉니다).`);
      }
      if (done.length) parts.push(`마지막 태스크가 끝난 때: ${last(done)}.`);
      return parts.join(" ");
    }

    /** 같은 때에 끝나지 않았던 조각의 최대 개수입니다. 스레드나 세마포어를 기다리는 동안도 스팬에 들어 있습니다. */
    most(pieces) {
      const edges = pieces.flatMap(({ from, to }) => [[from, 1], [to, -1]]);
      edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      let now = 0;
      return edges.reduce((most, [, step]) => Math.max(most, (now += step)), 0);
    }

    paint() {
      const lanes = this.lines.map((line) => {
        const lane = lab.element("div", { className: "lab-lane" });
        for (const { kind, from, to, open } of line) {
          const piece = lab.element("span", { dataset: { kind, open: String(open) } });
          piece.style.left = lab.percent(from - this.start, this.length);
          piece.style.width = lab.percent(to - from, this.length);
          lane.append(piece);
        }
        return lane;
      });
      this.lanes.replaceChildren(...lanes);
    }

    drawTable() {
      if (!this.table.open || !this.lines) return;
      const time = (piece, key) => (piece ? lab.duration(piece[key] - this.start) : "-");
      const end = (piece) => (piece?.open ? "끝나지 않음" : time(piece, "to"));
      const rows = this.lines.map((line, at) => {
        const tasks = line.slice(1);
        const first = tasks[0];
        return [String(at + 1), time(line[0], "from"), end(line[0]), time(first, "from"), end(tasks.at(-1))];
      });
      const headers = ["차례", "요청 시작", "응답", "태스크 시작", "태스크 끝"];
      this.tableHost.replaceChildren(lab.table(headers, rows));
    }
  }

  lab.Strip = Strip;
})();
