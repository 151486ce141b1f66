/**
 * Where servers, schedulers and background threads of well-known packages wait for work: nobody is delayed there. By the
 * end of the module's path; a list names its functions, otherwise any wait that the module itself calls is meant. Facts:
 * read in the packages' sources (gunicorn 23 to 25, celery 5.5, uvicorn 0.38, grpcio 1.76, twisted 25, trio 0.32, loky 3.5 …).
 */
const idleModules: readonly (readonly [RegExp, (readonly string[])?])[] = [
  [/^gunicorn\/arbiter\.py$/],
  [/^gunicorn\/workers\/sync\.py$/, ['wait', 'accept']],
  [/^gunicorn\/workers\/(?:gthread|ggevent|geventlet|base_async)\.py$/],
  [/^uvicorn\/supervisors\/\w+\.py$/],
  [/^hypercorn\/run\.py$/],
  [/^waitress\/(?:wasyncore|task)\.py$/],
  [/^cheroot\/(?:connections|server|workers\/threadpool)\.py$/],
  [/^werkzeug\/_reloader\.py$/],
  [/^django\/utils\/autoreload\.py$/],
  [/^grpc\/_server\.py$/, ['_serve', '_process_event_and_continue', 'wait_for_termination']],
  [/^grpc\/_channel\.py$/, ['channel_spin']],
  [/^kombu\/(?:utils\/eventio|asynchronous\/hub)\.py$/],
  [/^celery\/(?:beat|utils\/timer2)\.py$/],
  [/^billiard\/pool\.py$/],
  [/^(?:joblib\/externals\/)?loky\/process_executor\.py$/],
  [/^(?:huey\/consumer|dramatiq\/worker)\.py$/],
  [/^apscheduler\/schedulers\/\w+\.py$/],
  [/^twisted\/internet\/(?:epoll|poll|select|kq|asyncio)\w*reactor\.py$/],
  [/^twisted\/_threads\/_threadworker\.py$/],
  [/^trio\/_core\/_(?:io_\w+|thread_cache)\.py$/],
  [/^gevent\/hub\.py$/, ['run']],
  [/^eventlet\/hubs\/\w+\.py$/],
  [/^(?:sentry_sdk\/worker\.py)$/, ['_target']],
  [/^sentry_sdk\/(?:sessions|monitor|_batcher|metrics)\.py$/],
  [/^opentelemetry\/sdk\/(?:_shared_internal\/__init__|metrics\/_internal\/export\/__init__)\.py$/],
  [/^ddtrace\/internal\/periodic\.py$/],
  [/^watchdog\/(?:observers|utils)\/\w+\.py$/],
  [/^pymongo\/periodic_executor\.py$/],
  [/^psycopg_pool\/(?:pool|sched)\.py$/, ['worker', 'run']],
  [/^paramiko\/transport\.py$/, ['run']],
  [/^tqdm\/_monitor\.py$/],
  [/^ipykernel\/parentpoller\.py$/],
];

/** True for a function of a package in which it waits for work. `path` is as recorded, with either kind of slash. */
export function isIdleWait(path: string, name: string): boolean {
  const inPackages = /[/\\](?:site|dist)-packages[/\\](.+)$/.exec(path)?.[1]?.replaceAll('\\', '/');
  if (inPackages === undefined) return false;
  const plain = name.slice(name.lastIndexOf('.') + 1);
  return idleModules.some(
    ([module, names]) => module.test(inPackages) && (names === undefined || names.includes(plain)),
  );
}

/** Where packages wait for the results of workers by sleeping, again and again: no shorter sleep would help. Facts: joblib 1.5 and 1.6. */
export function isPackageResult(path: string, name: string): boolean {
  return /[/\\](?:site|dist)-packages[/\\]joblib[/\\]parallel\.py$/.test(path) && name.endsWith('_retrieve');
}
