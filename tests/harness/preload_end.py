"""모듈을 미리 읽은 프로세스(forkserver)가 마지막에 한 번 하여, 자식이 되풀이하지 않습니다."""

import gc
import inspect

# coverage는 시작할 때마다 inspect.stack()을 부르고, 이 함수는 모든 모듈의 파일을 찾아 기억합니다.
inspect.stack()
# 자식이나 이 프로세스가 끝날 때의 쓰레기 수집이, 미리 읽은 모듈까지 살펴보지 않게 합니다.
gc.freeze()
