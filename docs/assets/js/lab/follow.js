/* 추적을 실시간으로 따라가며 그립니다. 기록은 처음부터 다시 재생합니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const FRAME = 100;
  const QUIET = 3000;
  const LONGEST = 15 * 60 * 1000;

  /**
   * `traces`(추적 id → Trace)에 이벤트를 담으며 `draw(now)`를 부릅니다.
   * `finished()`가 참인 채로 3초 동안 조용하면 연결을 닫고 `ended()`를 부릅니다. 멈추는 함수를 돌려줍니다.
   */
  lab.follow = (query, traces, { draw, finished, ended, connected }) => {
    const begun = performance.now();
    let changed = true;
    let last = begun;
    const note = () => {
      changed = true;
      last = performance.now();
    };
    const close = lab.listen(query, {
      span: (span) => {
        traces.get(span.trace_id)?.addSpan(span);
        if (traces.has(span.trace_id)) note();
      },
      fault: (fault) => {
        traces.forEach((trace) => trace.addFault(fault));
        note();
      },
      connected,
    });
    const isMoving = () => [...traces.values()].some((trace) => trace.ordered.some(isRunning(trace)));
    const timer = setInterval(() => {
      if (changed || isMoving()) draw(Date.now());
      changed = false;
      const now = performance.now();
      if ((finished() && now - last > QUIET) || now - begun > LONGEST) {
        stop();
        ended?.();
      }
    }, FRAME);
    const stop = lab.untilLeave(() => {
      clearInterval(timer);
      close();
    });
    return { stop, note, quietFor: () => performance.now() - last };
  };

  const isRunning = (trace) => (span) => span.end === null && trace.cutAt(span) === null;

  const SHORTEST_SHOW = 2000;
  const LONGEST_SHOW = 6000;

  /** 재생에 걸리는 시간과, 실제와 얼마나 다른지 알리는 글입니다. */
  lab.pace = (total) => {
    const show = Math.min(Math.max(total, SHORTEST_SHOW), LONGEST_SHOW);
    const times = (ratio) => (ratio < 9.5 ? Number(ratio.toFixed(1)) : Math.round(ratio));
    if (show / total > 1.05) return { show, text: `실제보다 ${times(show / total)}배 느리게 재생합니다.` };
    if (total / show > 1.05) return { show, text: `실제보다 ${times(total / show)}배 빠르게 재생합니다.` };
    return { show, text: "실제 속도로 재생합니다." };
  };

  /** 기록을 재생합니다. `draw(지난 밀리초)`를 화면마다 부르고, 끝나면 `draw(Infinity)`를 부릅니다. */
  lab.replay = (total, draw) => {
    if (lab.reducedMotion()) {
      draw(Infinity);
      return () => {};
    }
    const { show } = lab.pace(total);
    const begun = performance.now();
    let frame = 0;
    const step = () => {
      const passed = (performance.now() - begun) / show;
      if (passed >= 1) {
        stop();
        draw(Infinity);
        return;
      }
      draw(passed * total);
      frame = requestAnimationFrame(step);
    };
    const stop = lab.untilLeave(() => cancelAnimationFrame(frame));
    step();
    return stop;
  };

  /** 기록(JSON)을 Trace로 바꿉니다. */
  lab.traceOf = (recording) => {
    const trace = new lab.Trace(recording.spans[0]?.trace_id ?? "");
    recording.spans.forEach((span) => trace.addSpan(span));
    recording.faults.forEach((fault) => trace.addFault(fault));
    return trace;
  };

  lab.recordedText = ({ recorded, versions, machine }) => {
    const names = { fastapi: "FastAPI", uvicorn: "uvicorn", celery: "Celery", rq: "RQ", "confluent-kafka": "confluent-kafka", python: "Python" };
    const list = Object.entries(names)
      .filter(([name]) => versions[name])
      .map(([name, text]) => `${text} ${versions[name]}`);
    return `기록한 실행: ${[recorded, ...list, machine].filter(Boolean).join(", ")}`;
  };
})();
