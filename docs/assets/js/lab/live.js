/* 실습 도구에서 일어나는 모든 일: <div class="lab-timeline"></div> */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const KEPT = 20;
  const FRAME = 100;
  const CONNECTED = "실습 도구에 연결되었습니다. 요청을 보내면 아래에 나타납니다.";
  const SEEN = "채점기가 보낸 요청입니다. 나중 것이 위에 있습니다.";

  class LiveTimeline {
    constructor(host) {
      this.host = host;
      this.cards = new Map();
      this.dropped = new Set();
      this.status = lab.element("p", { className: "lab-status", role: "status" });
      this.list = lab.element("div", { className: "lab-cards" });
      this.pauseButton = lab.button("잠시 멈추기", () => this.pause());
      this.pauseButton.setAttribute("aria-pressed", "false");
      this.controls = lab.element("div", { className: "lab-buttons", hidden: true }, this.pauseButton, lab.button("모두 지우기", () => this.clear()));
      host.replaceChildren(this.controls, this.status, this.list);
    }

    say(text, kind = "") {
      lab.setText(this.status, text);
      this.status.dataset.kind = kind;
    }

    /** `data-program`이 있으면 그 프로그램에서 지금부터 일어나는 일만 봅니다. */
    async start() {
      if (!(await lab.programs())) {
        this.say("이 페이지는 실습 도구가 있어야 움직입니다. 터미널에서 uv run lab을 실행하고 http://127.0.0.1:8000/timeline/ 을 여세요.", "warning");
        return;
      }
      if (!this.host.isConnected) return;
      this.openedAt = Date.now();
      this.controls.hidden = false;
      this.say("요청을 기다리는 중입니다.");
      const { program } = this.host.dataset;
      const close = lab.listen(program ? `?program=${encodeURIComponent(program)}` : "", {
        span: (span) => this.addSpan(span),
        fault: (fault) => this.addFault(fault),
        lost: ({ count }) => this.say(`화면이 느려 이벤트 ${count}개를 놓쳤습니다.`, "warning"),
        connected: (is) => this.say(is ? (program ? SEEN : CONNECTED) : lab.UNREACHABLE, is ? "ok" : "error"),
      });
      const timer = setInterval(() => this.draw(), FRAME);
      this.stop = lab.untilLeave(() => {
        clearInterval(timer);
        close();
      });
    }

    addSpan(span) {
      // 지운 추적의 나머지만 다시 나타나면 응답이 없는 것처럼 보입니다.
      if (this.dropped.has(span.trace_id)) return;
      if (this.host.dataset.program && span.start < this.openedAt) return;
      const card = this.cards.get(span.trace_id) ?? this.makeCard(span.trace_id);
      card.trace.addSpan(span);
      card.changed = true;
    }

    /** 고장은 그때 끝나지 않았던 추적에만 그립니다. */
    addFault(fault) {
      for (const card of this.cards.values()) {
        const isOver = card.trace.settled && !card.trace.isRepairedBy(fault);
        if (card.trace.program !== fault.program || isOver) continue;
        card.trace.addFault(fault);
        card.changed = true;
      }
      // 연결하면 지난 고장도 옵니다. 상태 줄에는 보고 있는 동안 난 것만 알립니다.
      if (fault.time < this.openedAt) return;
      this.say(`${lab.clock(fault.time)} ${fault.program} · ${lab.faultLabel(fault)}`, "warning");
    }

    makeCard(id) {
      const chart = new lab.Chart({ compact: true });
      const title = lab.element(this.host.dataset.program ? "h4" : "h2", { className: "lab-card-title" });
      const root = lab.element("section", { className: "lab-card", hidden: true }, title, chart.root);
      const card = { trace: new lab.Trace(id), chart, title, root, changed: true };
      this.cards.set(id, card);
      this.list.prepend(root);
      if (this.cards.size > KEPT) this.drop(this.cards.keys().next().value);
      return card;
    }

    drop(id) {
      this.cards.get(id).root.remove();
      this.cards.delete(id);
      this.dropped.add(id);
    }

    draw() {
      if (this.paused) return;
      const now = Date.now();
      for (const card of this.cards.values()) {
        if (!card.changed && card.trace.settled) continue;
        const isOpen = card.trace.ordered.some((span) => span.end === null && card.trace.cutAt(span) === null);
        if (!card.changed && !isOpen) continue;
        card.changed = false;
        card.root.hidden = false;
        const { first, request, program } = card.trace;
        lab.setText(card.title, `${lab.clock(first.start)} ${program} · ${lab.spanLabel(request ?? first)}`);
        card.chart.draw(card.trace.layout(now, true));
      }
    }

    pause() {
      this.paused = !this.paused;
      this.pauseButton.textContent = this.paused ? "이어 보기" : "잠시 멈추기";
      this.pauseButton.setAttribute("aria-pressed", String(Boolean(this.paused)));
    }

    clear() {
      for (const id of [...this.cards.keys()]) this.drop(id);
    }
  }

  lab.LiveTimeline = LiveTimeline;
})();
