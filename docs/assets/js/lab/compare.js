/* 틀린 코드와 고친 코드를 한 시간 축에: <div class="lab-compare" data-program data-scenario data-broken data-fixed data-then data-meanwhile> */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const CALM = 700;
  const LONGEST = 60_000;
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** 경로 처리 함수가 시작되거나 응답이 오면 이루어집니다. */
  const started = async (trace, answering) => {
    let isAnswered = false;
    const note = () => (isAnswered = true);
    answering.then(note, note);
    while (!isAnswered && !trace.ordered.some((span) => span.name === "fastapi.endpoint")) await pause(20);
  };

  class Side {
    constructor(kind, title, path) {
      Object.assign(this, { kind, path });
      this.response = lab.responseBox();
      this.chart = new lab.Chart({ compact: true });
      this.root = lab.element(
        "div",
        { className: `lab-side lab-side--${kind}`, role: "group", aria: { label: title } },
        lab.element("p", { className: "lab-side-title" }, lab.element("strong", { textContent: title }), " ", lab.element("code", { textContent: path })),
        this.response.status,
        this.response.body,
        this.chart.root,
      );
    }
  }

  class CompareWidget {
    constructor(host) {
      const { program, scenario, method = "POST", broken, fixed, body = "", then = "", meanwhile = "" } = host.dataset;
      Object.assign(this, { host, name: program, scenario, method, body, meanwhile, next: then || meanwhile });
      this.sides = [new Side("broken", "틀린 코드", `${method} ${broken}`), new Side("fixed", "고친 코드", `${method} ${fixed}`)];
      this.paths = [broken, fixed];
      this.source = lab.element("p", { className: "lab-source" });
      this.notice = lab.element("p", { className: "lab-status", role: "status" });
      this.buttons = lab.element("div", { className: "lab-buttons" });
      this.extra = lab.element("div");
      host.setAttribute("role", "region");
      host.setAttribute("aria-label", `틀린 코드와 고친 코드 견주기: ${program}`);
      host.replaceChildren(this.source, this.buttons, this.notice, ...this.sides.map((side) => side.root), this.extra);
    }

    say(text, kind = "") {
      lab.setText(this.notice, text);
      this.notice.dataset.kind = kind;
    }

    async start() {
      const programs = await lab.programs();
      if (!programs) return this.showRecordings();
      this.panel = new lab.ProgramPanel(this.name, (text) => this.say(text, "error"));
      this.button = lab.button("둘 다 보내기", () => this.send(), "lab-button--primary");
      this.buttons.replaceChildren(this.button);
      this.source.replaceChildren(this.panel.state);
      this.extra.replaceChildren(this.panel.error);
      const known = programs.find((program) => program.name === this.name);
      if (known) this.panel.show(known);
      else this.say(`실습 도구에 ${this.name} 프로그램이 없습니다.`, "error");
    }

    draw(now, live, length = null) {
      const layouts = this.traces.map((trace) => trace.layout(now, live));
      const longest = Math.max(0.1, ...layouts.map((layout) => (layout ? layout.end - layout.start : 0)));
      layouts.forEach((layout, at) => this.sides[at].chart.draw(layout, length ?? lab.niceLength(longest)));
    }

    async send() {
      if (this.busy) return;
      this.busy = true;
      this.button.setAttribute("aria-disabled", "true");
      this.following?.stop();
      this.sides.forEach((side) => {
        side.response.clear();
        side.chart.clear();
      });
      this.say(this.panel.isRunning ? "보내는 중…" : "시작하는 중…");
      try {
        const isReady = await this.panel.start();
        if (!this.host.isConnected) return;
        if (isReady) await this.sendBoth();
        else this.say("프로그램을 시작하지 못했습니다. 마지막 출력을 보세요.", "error");
      } catch (error) {
        this.say(error.message, "error");
      } finally {
        this.busy = false;
        this.button.removeAttribute("aria-disabled");
      }
    }

    /** 서로 방해하지 않게, 틀린 코드의 일이 끝난 다음에 고친 코드를 부릅니다. */
    async sendBoth() {
      const ids = this.sides.map(() => lab.randomHex(16));
      this.traces = ids.map((id) => new lab.Trace(id));
      let sentAll = false;
      this.following = lab.follow(`?program=${encodeURIComponent(this.name)}`, new Map(this.traces.map((trace) => [trace.id, trace])), {
        draw: (now) => this.draw(now, true),
        finished: () => sentAll && this.traces.every((trace) => trace.settled),
      });
      for (const [at, side] of this.sides.entries()) {
        this.say(`${side.kind === "broken" ? "틀린" : "고친"} 코드를 실행하는 중…`);
        const trace = this.traces[at];
        const answering = this.sendTo(this.method, this.paths[at], trace, this.body);
        await (this.meanwhile ? started(trace, answering) : answering);
        if (this.next) await this.sendNext(trace);
        side.response.show(await answering);
        await this.calm(trace);
      }
      sentAll = true;
      this.say("둘 다 끝났습니다.", "ok");
    }

    async sendNext(trace) {
      const [method, path] = this.next.split(" ");
      await this.sendTo(method, path, trace, "");
    }

    /** 뒤따르는 요청이 있으면 브라우저가 기다린 시간도 막대로 그립니다. 서버의 스팬에는 기다림이 없습니다. */
    async sendTo(method, path, trace, body) {
      const waiting = {
        ...{ trace_id: trace.id, span_id: lab.randomHex(8), parent_id: null, name: `${method} ${path}`, kind: "CLIENT" },
        ...{ program: this.name, process: "browser", pid: null, status: "UNSET", error: null, function: null },
        ...{ start: Date.now(), end: null },
      };
      if (this.next) trace.addSpan(waiting);
      const answer = await lab.send(this.name, { method, path, body }, trace.id);
      if (this.next) trace.addSpan({ ...waiting, start: answer.sent, end: answer.sent + answer.ms });
      this.following.note();
      return answer;
    }

    async calm(trace) {
      const begun = performance.now();
      while (performance.now() - begun < LONGEST) {
        if (trace.settled && this.following.quietFor() > CALM) return;
        await pause(100);
      }
    }

    async showRecordings() {
      const names = this.sides.map((side) => `${this.name}-${this.scenario}-${side.kind}`);
      const recordings = await Promise.all(names.map(lab.recording));
      if (recordings.some((recording) => !recording?.spans?.length)) {
        this.sides.forEach((side) => (side.root.hidden = true));
        this.say(lab.NO_RECORDING, "warning");
        return;
      }
      this.traces = recordings.map(lab.traceOf);
      const layouts = this.traces.map((trace) => trace.layout(Infinity, false));
      const total = Math.max(...layouts.map((layout) => layout.end - layout.start));
      recordings.forEach((recording, at) => this.sides[at].response.show(recording.response));
      lab.setText(this.source, lab.recordedText(recordings[0]));
      this.buttons.replaceChildren(lab.button("다시 보기", () => this.replay(recordings, layouts, total), "lab-button--primary"));
      this.extra.replaceChildren(lab.element("p", { className: "lab-hint", textContent: lab.pace(total).text }));
      this.draw(Infinity, false);
    }

    replay(recordings, layouts, total) {
      this.stopReplay?.();
      const length = lab.niceLength(total);
      this.stopReplay = lab.replay(total, (passed) =>
        this.traces.forEach((trace, at) => {
          const side = this.sides[at];
          const layout = trace.layout(layouts[at].start + passed, passed !== Infinity);
          side.chart.draw(layout, length);
          side.response.replay(recordings[at].response, layout.response !== null || passed === Infinity);
        }),
      );
    }
  }

  lab.CompareWidget = CompareWidget;
})();
