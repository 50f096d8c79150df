/* 대기행렬의 공식. measurements/queueing/formulas.py와 같은 값을 냅니다(tests/test_queue_calculator.py가 견줍니다). */
(() => {
  "use strict";
  const queueing = (window.queueing = {});

  /** 워커가 바쁜 비율입니다. 1 이상이면 줄이 끝없이 길어집니다. */
  queueing.utilisation = (workers, rate, service) => (rate * service) / workers;

  /** 도착한 태스크가 기다려야 할 확률(Erlang C)입니다. */
  queueing.erlangC = (workers, rate, service) => {
    const load = rate * service;
    let blocked = 1;
    for (let count = 1; count <= workers; count++) blocked = (load * blocked) / (count + load * blocked);
    return blocked / (1 - (load / workers) * (1 - blocked));
  };

  /** 워커가 더 처리할 수 있는 태스크의 수(초당)입니다. */
  const spareRate = (workers, rate, service) => (workers - rate * service) / service;

  /** 평균 대기 시간(M/M/c, 초)입니다. */
  queueing.waitWhenRandom = (workers, rate, service) =>
    queueing.erlangC(workers, rate, service) / spareRate(workers, rate, service);

  /** 태스크 가운데 `share`가 이보다 짧게 기다립니다(M/M/c, 초). */
  queueing.waitQuantileWhenRandom = (workers, rate, service, share) =>
    Math.max(0, Math.log(queueing.erlangC(workers, rate, service) / (1 - share)) / spareRate(workers, rate, service));

  /** z^c = exp(a(z - 1))의 근 하나로 1 / (1 - z)의 실수부를 구합니다. */
  const term = (number, workers, load) => {
    const turn = (2 * Math.PI * number) / workers;
    let [x, y, moved] = [0, 0, 1];
    while (moved > 1e-13) {
      const size = Math.exp((load * (x - 1)) / workers);
      const angle = turn + (load * y) / workers;
      const [nextX, nextY] = [size * Math.cos(angle), size * Math.sin(angle)];
      moved = Math.hypot(nextX - x, nextY - y);
      [x, y] = [nextX, nextY];
    }
    return (1 - x) / ((1 - x) ** 2 + y ** 2);
  };

  /** 평균 대기 시간(M/D/c, 초)입니다. */
  queueing.waitWhenConstant = (workers, rate, service) => {
    const load = rate * service;
    let inSystem = load / (2 * (workers - load)) + load / 2 - (workers - 1) / 2;
    for (let number = 1; number < workers; number++) inSystem += term(number, workers, load);
    return Math.max(0, inSystem / rate - service);
  };

  /** 줄이 끝없이 길어지지 않는 가장 적은 워커의 수입니다. 반올림 오차로 꼭 100%가 되지 않게 합니다. */
  queueing.fewestWorkers = (rate, service) => Math.floor(rate * service * (1 + 1e-12)) + 1;

  /** 평균 대기 시간(M/M/c)이 `longest`초를 넘지 않는 가장 적은 워커의 수입니다. */
  queueing.workersFor = (rate, service, longest) => {
    let workers = queueing.fewestWorkers(rate, service);
    while (queueing.waitWhenRandom(workers, rate, service) > longest) workers++;
    return workers;
  };
})();
