/* 실습 도구와 이야기합니다: 프로그램의 상태, 요청 보내기, 이벤트 받기, 기록 읽기. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const site = new URL("../../../", document.currentScript.src);
  const url = (path) => new URL(path.replace(/^\//, ""), site);

  lab.UNREACHABLE = "실습 도구에 연결할 수 없습니다. 터미널에서 uv run lab을 실행하고 다시 시도하세요.";

  let found = null;

  const ask = () =>
    fetch(url("lab/programs"), { headers: { accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);

  /** 프로그램의 목록입니다. 실습 도구가 없으면(정적 사이트) null입니다. 페이지마다 한 번만 묻습니다. */
  lab.programs = () => {
    if (!found) {
      found = lab.isHere ? ask() : Promise.resolve(null);
      lab.untilLeave(() => (found = null));
    }
    return found;
  };

  /** 실습 도구의 API를 부릅니다. 거절이면 한국어 이유를 담은 Error를 던집니다. */
  const call = async (method, path, data) => {
    const options = data ? { body: JSON.stringify(data), headers: { "content-type": "application/json" } } : {};
    let answer;
    try {
      answer = await fetch(url(`lab/${path}`), { method, ...options });
    } catch {
      throw new Error(lab.UNREACHABLE);
    }
    const body = await answer.json().catch(() => null);
    if (!answer.ok) throw new Error(body?.detail ?? `실습 도구가 ${answer.status}로 답했습니다.`);
    return body;
  };

  const programPath = (name) => `programs/${encodeURIComponent(name)}`;
  lab.program = (name) => call("GET", programPath(name));
  lab.startProgram = (name) => call("POST", `${programPath(name)}/start`);
  lab.act = (name, process, action) =>
    call("POST", `${programPath(name)}/processes/${encodeURIComponent(process)}/${action}`);

  lab.checkExercise = (number) => call("POST", `check/${encodeURIComponent(number)}`);

  /** 같은 요청을 추적마다 하나씩, 실습 도구가 한꺼번에 보냅니다. 브라우저는 여섯 개씩만 보냅니다. 상태 코드를 돌려줍니다. */
  lab.burst = async (program, request, traces) => {
    const { path } = addressOf(program, request.path);
    return (await call("POST", "burst", { program, ...request, path, traces })).statuses;
  };

  /** 적은 경로를 예제의 주소와 예제 안의 경로로 바꿉니다. */
  const addressOf = (program, text) => {
    const base = url(`run/${program}/`).href;
    const target = new URL(text.replace(/^\//, ""), base);
    target.hash = "";
    if (!target.href.startsWith(base)) throw new Error("예제 밖의 경로입니다. /로 시작하는 예제의 경로를 적으세요.");
    return { address: target.href, path: target.href.slice(base.length - 1) };
  };

  lab.randomHex = (bytes) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  /** 요청을 프로그램에 보내고 { status, ok, body, ms, lines, sent }를 돌려줍니다. `ms`는 브라우저가 기다린 시간입니다. */
  lab.send = async (program, { method, path, body }, traceId) => {
    const headers = { traceparent: `00-${traceId}-${lab.randomHex(8)}-01` };
    const options = { method, headers };
    if (body && !["GET", "HEAD"].includes(method)) {
      options.body = body;
      headers["content-type"] = "application/json";
    }
    const { address } = addressOf(program, path);
    const sent = Date.now();
    const begun = performance.now();
    try {
      const answer = await fetch(address, options);
      const text = await answer.text();
      const ms = performance.now() - begun;
      const lines = answer.status >= 502 ? parsed(text)?.lines : null;
      return { status: answer.status, ok: answer.ok, body: text, ms, lines, sent };
    } catch {
      throw new Error(lab.UNREACHABLE);
    }
  };

  const parsed = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };

  const leaving = new Set();

  /** 페이지를 떠날 때 부를 함수를 맡깁니다. 돌려주는 함수를 부르면 지금 끝내고 명단에서 뺍니다. */
  lab.untilLeave = (end) => {
    const once = () => {
      if (leaving.delete(once)) end();
    };
    leaving.add(once);
    return once;
  };

  lab.leave = () => [...leaving].forEach((end) => end());

  /** 이벤트를 받습니다. 닫는 함수를 돌려줍니다. 브라우저의 연결은 여섯 개뿐이므로 다 보면 닫으세요. */
  lab.listen = (query, { span, fault, lost, connected }) => {
    let source = null;
    const read = (handler) => (event) => handler?.(JSON.parse(event.data));
    const open = () => {
      source = new EventSource(url(`lab/events${query}`));
      source.addEventListener("span", read(span));
      source.addEventListener("fault", read(fault));
      source.addEventListener("lost", read(lost));
      source.addEventListener("open", () => connected?.(true));
      source.addEventListener("error", () => connected?.(false));
    };
    const close = () => {
      source?.close();
      source = null;
    };
    // 보이지 않는 탭은 연결을 내놓습니다. 돌아오면 그동안의 것까지 다시 받습니다.
    const follow = () => {
      if (document.hidden) close();
      else if (!source) open();
    };
    document.addEventListener("visibilitychange", follow);
    follow();
    return lab.untilLeave(() => {
      document.removeEventListener("visibilitychange", follow);
      close();
    });
  };

  /** 기록한 실행입니다. 없으면 null입니다. 파일로 연 페이지(file://)는 fetch를 못 하므로 미리 읽어 둔 것을 씁니다. */
  lab.recording = async (name) => {
    if (window.labRecordings) return window.labRecordings[name] ?? null;
    return fetch(url(`assets/recordings/${name}.json`))
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
  };
})();
