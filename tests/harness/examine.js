/* 열려 있는 페이지를 살피는 함수들입니다. tests/test_site_browser.py가 페이지에 넣고 부릅니다. */
window.examine = {
  /** 페이지를 새로 읽지 않고 옮깁니다(navigation.instant). 테마는 .md-container를 새것으로 바꿉니다. */
  move(url) {
    document.querySelector(".md-container").dataset.left = "";
    const link = Object.assign(document.createElement("a"), { href: url });
    document.body.append(link);
    link.click();
  },

  widgetsAreReady: () =>
    [...document.querySelectorAll(".lab-run, .lab-compare")].every((host) =>
      [...host.querySelectorAll(".lab-source, .lab-status")].some((line) => line.textContent),
    ),

  /** 접은 상자와 가려진 탭도 보이게 합니다. */
  unfold() {
    for (const fold of document.querySelectorAll("article details")) fold.open = true;
    const style = document.createElement("style");
    style.textContent = ".tabbed-block { display: block !important }";
    document.querySelector("article").append(style);
  },

  /**
   * 되풀이되는 것을 줄입니다. 재는 시간이 몇 배 줄어듭니다. 코드 조각의 색은 class로 정해지므로 하나씩만 남기고,
   * 나머지 코드는 가장 긴 줄만 남깁니다. 같은 코드가 그리는 위젯은 둘까지만 봅니다.
   */
  shorten() {
    const repeat = (selector, kept) => {
      for (const each of [...document.querySelectorAll(selector)].slice(kept)) each.dataset.repeated = "";
    };
    repeat(".lab-compare", 2);
    repeat(".lab-fold", 1);
    const seen = new Set();
    for (const code of document.querySelectorAll("pre code")) {
      const tokens = [...code.querySelectorAll("span[class]")];
      const first = tokens.filter(({ className }) => !seen.has(className) && seen.add(className));
      if (first.length) {
        for (const token of tokens) if (!first.includes(token)) token.replaceWith(...token.childNodes);
      } else {
        const lines = code.textContent.split("\n").sort((one, other) => other.length - one.length);
        code.textContent = lines[0];
        code.parentElement.dataset.repeated = "";
      }
    }
  },

  /** 화면의 폭이 바뀌고 넘치는 코드와 표에 초점이 가기를 기다립니다. 끝내 초점이 가지 않는 것을 돌려줍니다. */
  async settle(width) {
    const codes = [...document.querySelectorAll("article :is(pre code, .md-typeset__scrollwrap)")];
    const isOutOfReach = (code) => code.scrollWidth > code.clientWidth && code.tabIndex !== 0;
    for (let frame = 0; frame < 120; frame++) {
      // 화면을 그릴 것이 없으면 프레임이 오지 않을 때가 있습니다.
      await Promise.race([new Promise(requestAnimationFrame), new Promise((done) => setTimeout(done, 100))]);
      if (frame > 2 && innerWidth === width && !codes.some(isOutOfReach)) return [];
    }
    return codes.filter(isOutOfReach).map((code) => code.textContent.slice(0, 60));
  },

  async runAxe(part, options) {
    const context = { include: [part], exclude: ["[data-repeated]"] };
    const { violations } = await axe.run(context, { ...options, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`),
    );
  },
};
