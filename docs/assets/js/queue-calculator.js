/* 워커가 몇 개 필요한지 계산합니다. 페이지에 <div class="queue-calculator">를 두면 그 자리에 나타납니다. */
(() => {
  "use strict";
  const { element, setText } = window.lab;
  const MOST_WORKERS = 10_000;
  const FIELDS = {
    rate: { label: "초당 들어오는 태스크 (개)", value: "50", most: 1_000_000 },
    service: { label: "태스크 하나의 평균 시간 (초)", value: "0.1", most: 86_400 },
    workers: { label: "워커 (개)", value: "6", most: MOST_WORKERS, whole: true },
    longest: { label: "기다려도 되는 평균 시간 (초)", value: "0.05", most: 86_400 },
  };

  const numberIn = (text) => Number(text.replaceAll(",", ""));

  /** 잘못 적은 까닭과 할 일입니다. 바르게 적었으면 빈 글입니다. */
  const problemOf = ({ whole, most }, text) => {
    const number = numberIn(text);
    if (text.trim() === "") return "비어 있습니다. 숫자를 적으세요.";
    if (Number.isNaN(number)) return "숫자로 읽을 수 없습니다. 0.5처럼 적으세요.";
    if (number <= 0) return "0보다 큰 수를 적으세요.";
    if (whole && !Number.isInteger(number)) return "정수를 적으세요. 예: 4";
    if (number > most) return `너무 큽니다. ${most.toLocaleString("ko-KR")} 이하로 적으세요.`;
    return "";
  };

  const whole = (number) => number.toLocaleString("ko-KR");
  const count = (number) => number.toLocaleString("ko-KR", { maximumSignificantDigits: 3 });
  const percent = (share) => `${(100 * share).toLocaleString("ko-KR", { maximumFractionDigits: 1 })} %`;
  const duration = (seconds) => {
    if (seconds < 0.0005) return "1 ms 미만";
    return seconds < 1 ? `${count(1000 * seconds)} ms` : `${count(seconds)}초`;
  };

  /** 표에 적을 [이름, 값]입니다. 계산할 수 없으면 까닭을 problem에 담습니다. */
  const answer = ({ rate, service, workers, longest }) => {
    const { queueing } = window;
    const busy = queueing.utilisation(workers, rate, service);
    const enough = queueing.fewestWorkers(rate, service);
    if (enough > MOST_WORKERS) {
      return { problem: `워커가 ${whole(enough)}개 넘게 필요합니다. 이 계산기는 ${whole(MOST_WORKERS)}개까지 계산합니다.` };
    }
    const needed = ["필요한 워커", `${whole(queueing.workersFor(rate, service, longest))}개`];
    if (busy >= 1) {
      const problem = `들어오는 일이 워커 ${whole(workers)}개가 할 수 있는 것보다 많아 줄이 끝없이 길어집니다. 워커를 ${whole(enough)}개 이상으로 늘리거나 태스크를 줄이세요.`;
      return { problem, rows: [["이용률", percent(busy)], needed] };
    }
    const random = queueing.waitWhenRandom(workers, rate, service);
    return {
      rows: [
        ["이용률", percent(busy)],
        ["평균 대기, 태스크의 시간이 일정할 때", duration(queueing.waitWhenConstant(workers, rate, service))],
        ["평균 대기, 태스크의 시간이 들쭉날쭉할 때", duration(random)],
        ["100개 가운데 95개의 대기는 이보다 짧음", duration(queueing.waitQuantileWhenRandom(workers, rate, service, 0.95))],
        ["줄에 서 있는 태스크의 평균", `${count(rate * random)}개`],
        needed,
      ],
    };
  };

  const build = (place) => {
    const inputs = {};
    const fields = Object.entries(FIELDS).map(([name, field]) => {
      const hint = element("p", { id: `queue-${name}-hint`, className: "queue-hint" });
      const input = element("input", {
        id: `queue-${name}`,
        type: "text",
        inputMode: field.whole ? "numeric" : "decimal",
        autocomplete: "off",
        value: field.value,
        on: { input: () => show() },
        aria: { describedby: hint.id },
      });
      inputs[name] = { input, hint, field };
      const label = element("label", { htmlFor: input.id, textContent: field.label });
      return element("div", { className: "queue-field" }, label, input, hint);
    });
    const problem = element("p", { className: "queue-problem" });
    const list = element("dl", { className: "queue-answer" });
    const output = element("div", { className: "queue-output", aria: { live: "polite" } }, problem, list);

    const show = () => {
      const values = {};
      for (const [name, { input, hint, field }] of Object.entries(inputs)) {
        const wrong = problemOf(field, input.value);
        setText(hint, wrong);
        input.setAttribute("aria-invalid", String(Boolean(wrong)));
        if (!wrong) values[name] = numberIn(input.value);
      }
      const complete = Object.keys(values).length === Object.keys(FIELDS).length;
      const { problem: trouble = "", rows = [] } = complete ? answer(values) : { problem: "잘못 적은 칸을 고치면 계산합니다." };
      setText(problem, trouble);
      list.replaceChildren(
        ...rows.flatMap(([term, value]) => [
          element("dt", { textContent: term }),
          element("dd", { textContent: value }),
        ]),
      );
    };

    const form = element("form", { on: { submit: (event) => event.preventDefault() }, aria: { label: "워커 수 계산기" } }, ...fields);
    place.replaceChildren(form, output);
    show();
  };

  const scan = () => document.querySelectorAll(".queue-calculator:not(:has(form))").forEach(build);
  if (window.document$) window.document$.subscribe(scan);
  else scan();
})();
