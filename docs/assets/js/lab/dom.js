/* 화면 조각을 만듭니다. 받은 값은 텍스트로만 넣으므로 HTML로 해석되지 않습니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});

  /** 요소를 만듭니다. `properties`의 dataset, on, aria는 나누어 넣고 나머지는 그대로 넣습니다. */
  lab.element = (tag, properties = {}, ...children) => {
    const { dataset, on, aria, ...plain } = properties;
    const made = Object.assign(document.createElement(tag), plain);
    Object.assign(made.dataset, dataset);
    for (const [name, listener] of Object.entries(on ?? {})) made.addEventListener(name, listener);
    for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${name}`, value);
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };

  lab.button = (text, onClick, className = "") =>
    lab.element("button", {
      type: "button",
      className: `lab-button ${className}`.trim(),
      textContent: text,
      on: { click: onClick },
    });

  /** 같은 글을 다시 넣지 않습니다. 화면 낭독기가 바뀐 것만 읽게 합니다. */
  lab.setText = (target, text) => {
    if (target.textContent !== text) target.textContent = text;
  };

  /** 걸린 시간(밀리초)을 읽기 좋게 적습니다. 예: 0.04 ms, 4.7 ms, 310 ms, 2.05초 */
  lab.duration = (milliseconds) => {
    if (milliseconds < 0.995) return `${milliseconds.toFixed(2)} ms`;
    if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
    if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
    return `${(milliseconds / 1000).toFixed(milliseconds < 9995 ? 2 : 1)}초`;
  };

  lab.clock = (epoch) => new Date(epoch).toLocaleTimeString("en-GB");

  lab.reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
})();
