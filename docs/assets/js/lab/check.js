/* 연습을 확인하는 단추: <div class="lab-check" data-exercise="01-1"></div>. 실습 도구가 있을 때에만 보입니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const KINDS = { passed: "ok", short: "warning", trouble: "error" };
  const VERDICTS = { passed: "통과했습니다.", short: "아직 모자랍니다.", trouble: "확인하지 못했습니다." };
  const PARTS = [
    ["본 것", "seen"],
    ["까닭", "why"],
    ["볼 곳", "look"],
    ["오류", "log"],
    ["참고", "note"],
  ];
  const LAST_SPANS = 2000;
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  class CheckWidget {
    constructor(host) {
      this.host = host;
      this.number = host.dataset.exercise;
      this.status = lab.element("p", { className: "lab-status", role: "status" });
      this.reasons = lab.element("dl", { className: "lab-reasons", hidden: true });
      this.timeline = lab.element("div", { dataset: { program: `연습 ${this.number}` } });
      this.fold = lab.element(
        "details",
        { className: "lab-fold", hidden: true },
        lab.element("summary", { textContent: "확인하는 동안 일어난 일" }),
        this.timeline,
      );
    }

    async start() {
      if (!(await lab.programs())) return;
      this.button = lab.button("확인하기", () => this.check(), "lab-button--primary");
      this.button.setAttribute("aria-label", `${this.number} 확인하기`);
      this.host.replaceChildren(lab.element("div", { className: "lab-buttons" }, this.button), this.status, this.reasons, this.fold);
    }

    say(text, kind = "") {
      lab.setText(this.status, text);
      this.status.dataset.kind = kind;
    }

    async check() {
      if (this.busy) return;
      this.busy = true;
      // disabled는 초점을 잃게 하므로 쓰지 않습니다.
      this.button.setAttribute("aria-disabled", "true");
      this.reasons.hidden = true;
      this.say("실제 프로세스를 실행해 확인하는 중…");
      const live = new lab.LiveTimeline(this.timeline);
      this.fold.hidden = false;
      live.start();
      try {
        this.show(await lab.checkExercise(this.number));
      } catch (error) {
        this.say(error.message, "error");
      } finally {
        this.busy = false;
        this.button.removeAttribute("aria-disabled");
      }
      await pause(LAST_SPANS);
      live.stop?.();
    }

    show(result) {
      this.say(`${this.number} ${VERDICTS[result.state]} (${result.seconds.toFixed(1)}초)`, KINDS[result.state]);
      const rows = PARTS.filter(([, key]) => result[key]).flatMap(([name, key]) => [
        lab.element("dt", { textContent: name }),
        lab.element("dd", { textContent: result[key] }),
      ]);
      this.reasons.replaceChildren(...rows);
      this.reasons.hidden = rows.length === 0;
    }
  }

  lab.CheckWidget = CheckWidget;
})();
