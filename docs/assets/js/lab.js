/* 페이지에 있는 위젯을 붙입니다. 즉시 이동(navigation.instant)으로 페이지가 바뀔 때마다 다시 붙입니다. */
(() => {
  "use strict";
  const lab = (window.lab ??= {});
  const WIDGETS = {
    ".lab-run": lab.RunWidget,
    ".lab-compare": lab.CompareWidget,
    ".lab-timeline": lab.LiveTimeline,
    ".lab-check": lab.CheckWidget,
  };

  const mount = () => {
    lab.leave();
    for (const [selector, Widget] of Object.entries(WIDGETS)) {
      for (const host of document.querySelectorAll(selector)) new Widget(host).start();
    }
  };

  // document$는 Material이 만듭니다. 처음과, 페이지가 바뀔 때마다 값을 냅니다.
  if (window.document$) window.document$.subscribe(mount);
  else document.addEventListener("DOMContentLoaded", mount);
  window.addEventListener("pagehide", () => lab.leave());
  // 뒤로 가기로 되살아난 페이지에서는 닫힌 연결을 다시 엽니다.
  window.addEventListener("pageshow", (event) => event.persisted && mount());
})();
