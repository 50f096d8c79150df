/* 요청 하나와 그 타임라인: <div class="lab-run" data-program data-scenario data-method data-path data-body data-fault> */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const MANY = 100;
  const NOT_STARTED = "프로그램을 시작하지 못했습니다. 마지막 출력을 보세요.";
  const NO_RECORDING = "여기에는 실습 도구도, 기록한 실행도 없습니다. 터미널에서 uv run lab을 실행하고 http://127.0.0.1:8000 에서 이 페이지를 여세요.";

  lab.NO_RECORDING = NO_RECORDING;

  class RunWidget {
    constructor(host) {
      const { program, scenario, method = "GET", path = "/", body = "", fault = "" } = host.dataset;
      Object.assign(this, { host, name: program, scenario, method, fault: lab.faultOf(fault) });
      this.response = lab.responseBox();
      this.path = lab.element("input", { className: "lab-path", type: "text", value: path, spellcheck: false, autocomplete: "off", aria: { label: "경로" } });
      this.bodyField = body && lab.element("textarea", { className: "lab-body", value: body, spellcheck: false, rows: Math.min(body.split("\n").length + 1, 8), aria: { label: "요청 본문" } });
      this.chart = new lab.Chart();
      this.strip = new lab.Strip();
      this.live = lab.element("p", { className: "lab-hidden", role: "status" });
      this.source = lab.element("p", { className: "lab-source" });
      this.buttons = lab.element("div", { className: "lab-buttons" });
      this.extra = lab.element("div");
      const line = lab.element("div", { className: "lab-line" }, lab.element("code", { className: "lab-method", textContent: method }), this.path, this.buttons);
      this.form = lab.element("form", { className: "lab-form", on: { submit: (event) => this.submit(event) } }, line, this.bodyField || null);
      host.setAttribute("role", "group");
      host.setAttribute("aria-label", `실행하고 보기: ${method} ${path}`);
      host.replaceChildren(this.source, this.form, this.response.status, this.response.body, this.chart.root, this.strip.root, this.extra, this.live);
    }

    async start() {
      const programs = await lab.programs();
      if (programs) this.showLab(programs);
      else await this.showRecording();
    }

    showLab(programs) {
      this.panel = new lab.ProgramPanel(this.name, (text) => this.response.say(text, "error"));
      this.sendButton = lab.element("button", { type: "submit", className: "lab-button lab-button--primary", textContent: this.fault ? `보내고 ${lab.faultLabel(this.fault)}` : "보내기" });
      this.manyButton = lab.button(`${MANY}번 보내기`, () => this.sendMany());
      this.manyButton.hidden = Boolean(this.fault);
      this.buttons.replaceChildren(this.sendButton, this.manyButton);
      this.source.replaceChildren(this.panel.state);
      this.extra.replaceChildren(this.panel.error, this.panel.fold);
      const known = programs.find((program) => program.name === this.name);
      if (known) this.open(known);
      else this.response.say(`실습 도구에 ${this.name} 프로그램이 없습니다.`, "error");
    }

    /** 수업의 예제는 페이지를 열면 시작합니다. 함정은 여럿일 수 있으므로 처음 쓸 때 시작합니다. */
    async open(program) {
      this.panel.show(program);
      if (program.kind !== "example") return;
      try {
        if (!(await this.panel.start())) this.response.say(NOT_STARTED, "error");
      } catch (error) {
        this.response.say(error.message, "error");
      }
    }

    request() {
      return { method: this.method, path: this.path.value.trim(), body: this.bodyField ? this.bodyField.value : "" };
    }

    submit(event) {
      event.preventDefault();
      if (this.panel) this.sendOne();
      else if (this.recording) this.replay();
    }

    /** 프로그램을 준비하고 `work`를 실행합니다. 그동안 단추를 누를 수 없습니다. */
    async prepared(work) {
      if (this.busy) return;
      this.busy = true;
      this.following?.stop();
      this.response.clear();
      this.chart.clear();
      this.strip.root.hidden = true;
      // disabled는 초점을 잃게 하므로 쓰지 않습니다.
      for (const each of [this.sendButton, this.manyButton]) each.setAttribute("aria-disabled", "true");
      try {
        this.response.say("보내는 중…");
        if (!this.panel.isRunning) this.response.say("시작하는 중…");
        const isReady = await this.panel.start();
        if (!this.host.isConnected) return;
        if (isReady) await work();
        else this.response.say(NOT_STARTED, "error");
      } catch (error) {
        this.response.say(error.message, "error");
      } finally {
        this.busy = false;
        for (const each of [this.sendButton, this.manyButton]) each.removeAttribute("aria-disabled");
      }
      if (this.host.isConnected) this.panel.refresh();
    }

    sendOne() {
      return this.prepared(async () => {
        const id = lab.randomHex(16);
        const trace = new lab.Trace(id);
        this.host.dataset.trace = id;
        this.following = lab.follow(`?trace=${id}`, new Map([[id, trace]]), {
          draw: (now) => this.chart.draw(trace.layout(now, true)),
          finished: () => trace.settled,
          ended: () => lab.setText(this.live, lab.sentence(trace.layout(Date.now(), true))),
          connected: (is) => is || this.response.say("실습 도구와 연결이 끊겨 다시 연결하는 중입니다.", "error"),
        });
        this.response.show(await lab.send(this.name, this.request(), id));
        if (this.fault) await lab.makeFault(this.panel, this.fault, trace);
      });
    }

    sendMany() {
      return this.prepared(async () => {
        const ids = Array.from({ length: MANY }, () => lab.randomHex(16));
        const traces = new Map(ids.map((id) => [id, new lab.Trace(id)]));
        const counts = new Map();
        const failed = new Set();
        const begun = Date.now();
        let isSent = false;
        this.following = lab.follow(`?program=${encodeURIComponent(this.name)}`, traces, {
          draw: (now) => this.strip.draw([...traces.values()], begun, now),
          finished: () => isSent && [...traces].every(([id, trace]) => failed.has(id) || trace.settled),
          ended: () => lab.setText(this.live, this.strip.caption.textContent),
        });
        this.response.say(`${MANY}번을 한꺼번에 보내는 중…`);
        const statuses = await lab.burst(this.name, this.request(), ids);
        for (const [at, status] of statuses.entries()) {
          if (status >= 502) failed.add(ids[at]);
          counts.set(status, (counts.get(status) ?? 0) + 1);
        }
        isSent = true;
        const list = [...counts].map(([status, count]) => `${status}: ${count}번`).join(", ");
        this.response.say(`${MANY}번 보냈습니다. 응답 ${list}`, Math.max(...statuses) < 400 ? "ok" : "warning");
      });
    }

    async showRecording() {
      this.recording = await lab.recording(`${this.name}-${this.scenario}`);
      if (!this.recording?.spans?.length) {
        this.form.hidden = true;
        this.response.say(NO_RECORDING, "warning");
        return;
      }
      const { request, response } = this.recording;
      this.path.value = request.path;
      this.path.readOnly = true;
      if (this.bodyField) Object.assign(this.bodyField, { value: request.body ?? "", readOnly: true });
      this.trace = lab.traceOf(this.recording);
      this.final = this.trace.layout(Infinity, false);
      this.response.show(response);
      lab.setText(this.source, lab.recordedText(this.recording));
      const again = lab.element("button", { type: "submit", className: "lab-button lab-button--primary", textContent: "다시 보기" });
      this.buttons.replaceChildren(again);
      this.extra.replaceChildren(lab.element("p", { className: "lab-hint", textContent: lab.pace(this.total).text }));
      this.chart.draw(this.final);
    }

    get total() {
      return this.final.end - this.final.start;
    }

    replay() {
      this.stopReplay?.();
      const length = lab.niceLength(this.total);
      this.stopReplay = lab.replay(this.total, (passed) => {
        const layout = this.trace.layout(this.final.start + passed, passed !== Infinity);
        this.chart.draw(layout, length);
        this.response.replay(this.recording.response, layout.response !== null || passed === Infinity);
      });
    }
  }

  lab.RunWidget = RunWidget;
})();
