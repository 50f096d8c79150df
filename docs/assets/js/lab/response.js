/* 위젯이 받은 응답 하나를 보입니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});

  /** 응답의 상태 코드, 본문, 걸린 시간을 보이는 상자입니다. */
  lab.responseBox = () => {
    const status = lab.element("p", { className: "lab-status", role: "status", aria: { live: "polite" } });
    const body = lab.element("pre", { className: "lab-output", hidden: true, tabIndex: 0, aria: { label: "응답 본문" } });
    const say = (text, kind = "") => {
      lab.setText(status, text);
      status.dataset.kind = kind;
    };
    const show = ({ status: code, body: text, ms, lines }) => {
      say(`응답 ${code} · ${lab.duration(ms)} 만에 받았습니다.`, code >= 500 ? "error" : code >= 400 ? "warning" : "ok");
      lab.setText(body, lines ? [text, ...lines].join("\n") : text);
      body.hidden = !text;
      body.style.visibility = "";
    };
    /** 기록을 재생하는 동안, 응답이 나갈 때까지 감춥니다. 아래의 그림이 움직이지 않게 자리는 남깁니다. */
    const replay = (recorded, isAnswered) => {
      if (isAnswered) return show(recorded);
      say("응답을 기다리는 중…");
      body.style.visibility = "hidden";
    };
    const clear = () => {
      body.hidden = true;
      say("");
    };
    return { status, body, say, show, replay, clear };
  };
})();
