/* 그림과 같은 내용을 글과 표로 적습니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});

  lab.barState = (bar) => {
    if (bar.failed) return `✕ ${bar.span.error ?? "실패"}`;
    if (bar.running) return "실행 중";
    if (bar.open) return "끝나지 않음";
    return "끝남";
  };

  lab.barTime = (bar) => (bar.open ? lab.barState(bar) : lab.duration(bar.to - bar.from));

  const taskText = (bar) => {
    const where = bar.span.process === "web" ? "" : `${lab.processLabel(bar.span.process)}, `;
    const time = bar.open ? lab.barState(bar) : lab.duration(bar.to - bar.from);
    const failure = bar.failed ? `, ${lab.barState(bar)}` : "";
    return `${lab.spanLabel(bar.span)}(${where}${time}${failure})`;
  };

  const MANY = 4;

  /** 실행된 태스크를 늘어놓습니다. 많으면 같은 것끼리 셉니다. */
  const tasksText = (tasks) => {
    if (tasks.length <= MANY) return tasks.map(taskText).join(", ");
    const counts = new Map();
    for (const { span } of tasks) {
      const text = `${lab.processLabel(span.process)}의 ${lab.spanLabel(span)}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const failed = tasks.filter((bar) => bar.failed).length;
    return [...counts].map(([text, count]) => `${text} ${count}개`).join(", ") + (failed ? `, 그 가운데 실패 ${failed}개` : "");
  };

  /** 타임라인을 한두 문장으로 옮깁니다. */
  lab.sentence = (layout) => {
    if (!layout) return "아직 일어난 일이 없습니다.";
    const tasks = layout.bars.filter((bar) => bar.kind === "task");
    const parts = [];
    const waited = layout.bars.filter((bar) => bar.span.process === "browser");
    if (layout.response !== null) {
      parts.push(`응답은 ${lab.duration(layout.response - layout.start)} 만에 나갔습니다.`);
    } else if (layout.bars.some((bar) => bar.span.kind === "SERVER")) {
      parts.push("응답이 아직 나가지 않았습니다.");
    }
    if (waited.length) {
      const texts = waited.map((bar) => `${bar.span.name} ${lab.barTime(bar)}`);
      parts.push(`브라우저가 기다린 시간: ${texts.join(", ")}.`);
    }
    if (tasks.length) parts.push(`실행된 태스크: ${tasksText(tasks)}.`);
    else parts.push("실행된 태스크가 없습니다.");
    if (layout.faults.length) {
      const faults = layout.faults.map(
        (fault) => `${lab.faultLabel(fault)}(${lab.duration(fault.time - layout.start)})`,
      );
      parts.push(`고장과 복구: ${faults.join(", ")}.`);
    }
    return parts.join(" ");
  };

  /** 막대 하나의 설명입니다. 스팬의 원래 이름, 함수, 걸린 시간을 담습니다. */
  lab.barText = (bar, start) => {
    const lines = [
      `${lab.processLabel(bar.span.process)} · ${lab.spanLabel(bar.span)}`,
      `스팬: ${bar.span.name}`,
      bar.span.function ? `함수: ${bar.span.function}` : "",
      `시작: ${lab.duration(bar.from - start)}`,
      bar.open ? `상태: ${lab.barState(bar)}` : `걸린 시간: ${lab.duration(bar.to - bar.from)}`,
      bar.failed ? `실패: ${lab.barState(bar)}` : "",
      bar.span.pid ? `pid: ${bar.span.pid}` : "",
    ];
    return lines.filter(Boolean).join("\n");
  };

  const cells = (tag, texts) => texts.map((textContent) => lab.element(tag, { textContent }));

  /** 좁은 화면에서는 옆으로 밀어 보므로 키보드로도 닿게 합니다. */
  lab.tableHost = () =>
    lab.element("div", { className: "lab-table", role: "group", tabIndex: 0, aria: { label: "타임라인의 표" } });

  lab.table = (headers, rows) =>
    lab.element(
      "table",
      { className: "lab-grid" },
      lab.element("thead", {}, lab.element("tr", {}, ...cells("th", headers))),
      lab.element("tbody", {}, ...rows.map((row) => lab.element("tr", {}, ...cells("td", row)))),
    );

  /** 막대와 고장과 응답을 일어난 차례로 늘어놓습니다. */
  lab.traceTable = (layout) => {
    const rows = layout.bars.map((bar) => [
      bar.from,
      [lab.processLabel(bar.span.process), lab.spanLabel(bar.span)],
      [bar.open ? "-" : lab.duration(bar.to - bar.from), lab.barState(bar)],
    ]);
    const marks = layout.faults.map((fault) => [
      fault.time,
      [lab.processLabel(fault.process), lab.faultLabel(fault)],
      ["-", "-"],
    ]);
    if (layout.response !== null) marks.push([layout.response, ["웹", "응답이 나간 때"], ["-", "-"]]);
    const ordered = [...rows, ...marks].sort(([one], [other]) => one - other);
    return lab.table(
      ["프로세스", "한 일", "시작", "걸린 시간", "상태"],
      ordered.map(([time, before, after]) => [...before, lab.duration(time - layout.start), ...after]),
    );
  };
})();
