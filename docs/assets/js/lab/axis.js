/* 시간 축: 눈금의 간격을 고르고, 시각을 가로 위치(%)로 바꿉니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const NICE = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

  /** `span`(밀리초)보다 작지 않은, 끊어 읽기 좋은 길이입니다. 자라는 그림이 떨리지 않게 합니다. */
  lab.niceLength = (span) => {
    const unit = 10 ** Math.floor(Math.log10(Math.max(span, 0.1)));
    return unit * NICE.find((each) => each * unit >= span * 0.999);
  };

  /** 눈금 사이의 길이입니다. 눈금이 다섯 개쯤 되게 고릅니다. */
  lab.tickStep = (length) => {
    const unit = 10 ** Math.floor(Math.log10(length / 4));
    return unit * [1, 2, 2.5, 5, 10].find((each) => each * unit >= length / 5);
  };

  lab.tickText = (milliseconds, length) => {
    if (milliseconds === 0) return "0";
    if (length >= 1000) return `${Number((milliseconds / 1000).toFixed(2))}초`;
    return `${Number(milliseconds.toFixed(2))} ms`;
  };

  lab.percent = (milliseconds, length) => `${Math.min((milliseconds / length) * 100, 100).toFixed(3)}%`;

  /** 눈금을 다시 그립니다. 길이가 그대로이면 그대로 둡니다. */
  lab.drawAxis = (axis, length) => {
    if (axis.dataset.length === String(length)) return;
    axis.dataset.length = String(length);
    const step = lab.tickStep(length);
    const ticks = [];
    for (let at = 0; at <= length * 1.0001; at += step) {
      const tick = lab.element("span", { className: "lab-tick", textContent: lab.tickText(at, length) });
      tick.style.left = lab.percent(at, length);
      if (at / length > 0.93) tick.classList.add("lab-tick--last");
      ticks.push(tick);
    }
    // 좁은 화면에서는 마지막 글이 눈금의 왼쪽에 놓이므로, 눈금이 촘촘하면 바로 앞의 글을 비웁니다.
    const isCrowded = ticks.at(-1).classList.contains("lab-tick--last") && step / length < 0.3;
    if (isCrowded) ticks.at(-2).classList.add("lab-tick--beside");
    axis.replaceChildren(...ticks);
  };
})();
