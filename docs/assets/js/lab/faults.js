/* 프로그램의 상태를 보이고, 프로세스를 죽이거나 멈추는 단추를 둡니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const STATES = { stopped: "꺼져 있음", starting: "시작하는 중…", running: "실행 중", failed: "문제가 있음" };
  const PROCESS_STATES = { running: "실행 중", stopped: "멈춤", frozen: "얼어 있음" };
  const POLL = 2000;

  /** 상태에 따라 누를 수 있는 단추: [글, 동작]입니다. */
  const actionsOf = ({ name, state }) => {
    if (state === "stopped") return [["다시 시작", "start"]];
    const freezing = state === "frozen" ? [["녹이기", "thaw"]] : [["얼리기", "freeze"]];
    return [["kill -9", "kill"], ["멈추기", "stop"], ...(name === "broker" ? freezing : [])];
  };

  const RUNNING_FOR = 2000;
  const LONGEST = 30_000;
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** "kill worker"를 { action, process }로 바꿉니다. 비어 있으면 null입니다. */
  lab.faultOf = (text) => {
    const [action, process] = text.split(" ");
    return process ? { action, process } : null;
  };

  /** 태스크가 시작되고 조금 지나면 고장을 내고, 바로 다시 시작합니다. 기록도 이렇게 만듭니다(lab/playing.py). */
  lab.makeFault = async (panel, { action, process }, trace) => {
    const isRunning = () => trace.tasks.some((span) => span.process === process && span.end === null);
    for (const begun = performance.now(); !isRunning(); await pause(100)) {
      if (performance.now() - begun > LONGEST) throw new Error("태스크가 시작되지 않아 고장을 내지 않았습니다.");
    }
    await pause(RUNNING_FOR);
    await panel.act(process, action);
    await panel.act(process, "start");
  };

  class ProgramPanel {
    /** `say(글)`은 거절된 이유를 알릴 곳입니다. */
    constructor(name, say) {
      this.name = name;
      this.say = say;
      this.state = lab.element("span", { className: "lab-state" });
      this.error = lab.element("pre", { className: "lab-output", hidden: true, tabIndex: 0 });
      this.list = lab.element("ul", { className: "lab-processes" });
      this.fold = lab.element(
        "details",
        { className: "lab-fold lab-faults", on: { toggle: () => this.watch() } },
        lab.element("summary", { textContent: "고장 내기" }),
        this.list,
      );
    }

    /** 시작했으면 참입니다. 시작한 뒤에 프로세스를 죽인 것은 켜져 있는 것으로 봅니다. */
    get isRunning() {
      return this.program?.state === "running";
    }

    show(program) {
      this.program = program;
      this.state.dataset.state = program.state;
      lab.setText(this.state, `${this.name}: ${STATES[program.state] ?? program.state}`);
      const lines = (program.error ?? []).join("\n");
      this.error.hidden = !lines;
      lab.setText(this.error, lines);
      // 까닭은 마지막 줄에 있습니다.
      this.error.scrollTop = this.error.scrollHeight;
      this.drawProcesses(program);
    }

    drawProcesses({ state, processes = [] }) {
      const key = JSON.stringify([state, processes]);
      if (this.list.dataset.key === key) return;
      this.list.dataset.key = key;
      const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.process : null;
      const { isRunning } = this;
      const items = processes.map((process) => {
        const pid = process.pid ? `, pid ${process.pid}` : "";
        const text = `${lab.processLabel(process.name)} (${PROCESS_STATES[process.state] ?? process.state}${pid})`;
        const buttons = actionsOf(process).map(([label, action]) => {
          const made = lab.button(label, () => this.act(process.name, action), "lab-button--small");
          made.setAttribute("aria-label", `${lab.processLabel(process.name)} ${label}`);
          made.dataset.process = process.name;
          made.dataset.action = action;
          return made;
        });
        return lab.element(
          "li",
          { dataset: { process: process.name, state: process.state } },
          lab.element("span", { textContent: text }),
          ...(isRunning ? buttons : []),
        );
      });
      const hint = lab.element("li", { textContent: "프로그램이 시작되면 단추가 나타납니다." });
      this.list.replaceChildren(...(isRunning ? items : [hint]));
      // 누른 단추가 사라져도 초점이 페이지의 처음으로 돌아가지 않게 합니다.
      if (focused) this.list.querySelector(`button[data-process="${focused}"]`)?.focus();
    }

    async refresh() {
      try {
        this.show(await lab.program(this.name));
      } catch (error) {
        this.say(error.message);
      }
    }

    async act(process, action) {
      try {
        this.show(await lab.act(this.name, process, action));
      } catch (error) {
        this.say(error.message);
        await this.refresh();
      }
    }

    /** 프로그램을 시작합니다. 고장 낸 프로세스는 되살리지 않습니다. 시작하지 못하면 거짓입니다. */
    start() {
      // 페이지를 열 때의 시작이 끝나기 전에 단추를 눌러도 같은 시작을 기다립니다.
      this.starting ??= this.startNow().finally(() => (this.starting = null));
      return this.starting;
    }

    async startNow() {
      await this.refresh();
      if (this.isRunning) return true;
      this.show({ ...this.program, state: "starting", error: [] });
      this.show(await lab.startProgram(this.name));
      return this.isRunning;
    }

    watch() {
      this.stopWatching?.();
      if (!this.fold.open) return;
      this.refresh();
      const timer = setInterval(() => this.refresh(), POLL);
      this.stopWatching = lab.untilLeave(() => clearInterval(timer));
    }
  }

  lab.ProgramPanel = ProgramPanel;
})();
