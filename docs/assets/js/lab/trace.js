/* 추적 하나의 스팬을 모아, 그릴 수 있는 모양(프로세스마다 줄, 줄마다 막대)으로 바꿉니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});

  const PROCESSES = { browser: "브라우저", web: "웹", worker: "워커", consumer: "컨슈머", broker: "브로커", mail: "메일 서버" };
  const ORDER = ["browser", "web", "worker", "consumer"];
  const PARTS = {
    "fastapi.dependencies": "의존성",
    "fastapi.endpoint": "경로 처리 함수",
    "fastapi.serialization": "직렬화",
  };
  const REPAIRS = { start: ["kill", "stop"], thaw: ["freeze"] };
  const ACTIONS = { kill: "kill -9", stop: "멈춤", start: "다시 시작", freeze: "얼림", thaw: "녹임" };

  lab.processLabel = (name) => PROCESSES[name] ?? name.replace(/^worker_/, "워커 ");
  lab.faultLabel = (fault) => `${lab.processLabel(fault.process)} ${ACTIONS[fault.action] ?? fault.action}`;

  const isTask = (span) => span.name === "fastapi.background_task" || span.kind === "CONSUMER";

  lab.spanLabel = (span) => {
    if (span.name === "fastapi.background_task") return span.function ?? "백그라운드 태스크";
    if (PARTS[span.name]) return PARTS[span.name];
    const task = /^(run|apply_async|enqueue)\/(?:.*\.)?(\w+)$/.exec(span.name);
    if (task) return task[1] === "run" ? task[2] : `큐에 넣기: ${task[2]}`;
    const event = /^(publish|consume)\/(.+)$/.exec(span.name);
    if (event) return `${event[1] === "publish" ? "이벤트 적기" : "이벤트 처리"}: ${event[2]}`;
    return span.code >= 400 ? `${span.name} → ${span.code}` : span.name;
  };

  class Trace {
    constructor(id) {
      this.id = id;
      this.spans = new Map();
      this.faults = [];
    }

    addSpan(span) {
      const known = this.spans.get(span.span_id);
      if (known && known.end !== null && span.end === null) return;
      this.spans.set(span.span_id, span);
    }

    /** 다시 연결하면 아는 고장이 또 오므로 한 번만 담습니다. */
    addFault(fault) {
      const isSame = (known) => ["time", "program", "process", "action"].every((key) => known[key] === fault[key]);
      if (!this.faults.some(isSame)) this.faults.push(fault);
    }

    get program() {
      return this.first?.program ?? "";
    }

    get first() {
      return this.ordered[0];
    }

    get ordered() {
      return [...this.spans.values()].sort((a, b) => a.start - b.start);
    }

    /** 처음 시작한 SERVER 스팬입니다. 끝난 때가 응답이 나간 때입니다. */
    get request() {
      return this.ordered.find((span) => span.kind === "SERVER");
    }

    get tasks() {
      return this.ordered.filter(isTask);
    }

    /** 이 추적의 프로그램에, 추적이 시작된 뒤에 일어난 고장입니다. */
    get ownFaults() {
      if (!this.first) return [];
      return this.faults.filter(
        (fault) => fault.program === this.program && fault.time >= this.first.start,
      );
    }

    /** 이 추적에 그린 고장을 되돌린 것이면 참입니다. 태스크가 끊긴 다음에 와도 함께 그립니다. */
    isRepairedBy(fault) {
      const last = this.ownFaults.filter(({ process }) => process === fault.process).at(-1);
      return Boolean(last && REPAIRS[fault.action]?.includes(last.action));
    }

    /** 스팬을 실행하던 프로세스가 죽은 때입니다. 살아 있으면 null입니다. */
    cutAt(span) {
      if (span.end !== null) return null;
      const fatal = this.ownFaults.find(
        (fault) =>
          fault.process === span.process &&
          ["kill", "stop"].includes(fault.action) &&
          fault.time >= span.start,
      );
      return fatal?.time ?? null;
    }

    /** 더 일어날 일이 없어 보이면 참입니다. 큐에 넣은 일은 워커가 꺼내 끝낼 때까지 기다립니다. */
    get settled() {
      const spans = this.ordered;
      if (!this.request) return false;
      if (spans.some((span) => span.end === null && this.cutAt(span) === null)) return false;
      const sent = spans.filter((span) => span.kind === "PRODUCER" && span.status !== "ERROR").length;
      const done = spans.filter((span) => span.kind === "CONSUMER" && span.end !== null).length;
      return done >= sent;
    }

    /** 부모 다음에 자식이 오게 늘어놓습니다. 태스크는 응답 뒤의 일이므로 부모와 나란히 둡니다. */
    rowsOf(process) {
      const own = this.ordered.filter((span) => span.process === process);
      const ids = new Set(own.map((span) => span.span_id));
      const isRoot = (span) => isTask(span) || !ids.has(span.parent_id);
      const rows = [];
      const visit = (span, depth) => {
        rows.push({ span, depth });
        own
          .filter((child) => child.parent_id === span.span_id && !isRoot(child))
          .forEach((child) => visit(child, depth + 1));
      };
      own.filter(isRoot).forEach((span) => visit(span, 0));
      return rows;
    }

    /** 시각 `now`(epoch 밀리초)에 보이는 모습입니다. `live`이면 끝나지 않은 막대가 now까지 자랍니다. */
    layout(now, live) {
      const spans = this.ordered.filter((span) => span.start <= now);
      if (spans.length === 0) return null;
      const start = this.first.start;
      const faults = this.ownFaults.filter((fault) => fault.time <= now);
      const marks = [
        ...spans.map((span) => Math.min(span.end ?? span.start, now)),
        ...faults.map((fault) => fault.time),
      ];
      const last = Math.max(...marks, start + 0.1);
      const bar = ({ span, depth }) => {
        const died = this.cutAt(span);
        const cut = died !== null && died <= now ? died : null;
        const ended = span.end !== null && span.end <= now;
        const running = !ended && cut === null && live;
        const to = ended ? span.end : (cut ?? (live ? now : last));
        const failed = ended && (span.status === "ERROR" || Boolean(span.error));
        const kind = isTask(span) ? "task" : span.kind === "PRODUCER" ? "queue" : depth ? "part" : "request";
        return { span, depth, kind, failed, running, open: !ended, from: span.start, to };
      };
      const seen = [...new Set(spans.map((span) => span.process))];
      const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
      const groups = seen
        .sort((a, b) => rank(a) - rank(b))
        .map((process) => ({
          process,
          bars: this.rowsOf(process).filter(({ span }) => span.start <= now).map(bar),
        }));
      const bars = groups.flatMap((group) => group.bars);
      const end = Math.max(last, ...bars.map((each) => each.to));
      const request = this.request;
      const response = request && request.end !== null && request.end <= now ? request.end : null;
      return { start, end, groups, bars, faults, response };
    }
  }

  lab.Trace = Trace;
})();
