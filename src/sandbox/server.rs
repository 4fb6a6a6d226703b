//! The platform's sockets: one thread with a runtime of its own.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body as HttpBody, HttpBody as _, to_bytes},
    extract::{ConnectInfo, Request as HttpRequest, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    line::{LineListener, Scissors},
    message::{Answer, Body, Request},
    platform::Platform,
    settings::SandboxSettings,
};

/// 1 MiB: the largest body that is read.
const BODY_BYTES_MAX: usize = 1 << 20;

/// How long open requests may take to end when the sandbox is stopped.
const STOPPING_MAX: Duration = Duration::from_secs(2);

/// A platform that answers on a local port until it is stopped or dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts the platform on a thread of its own. Port 0 takes any that is free. An error where the address is taken
    /// or the thread cannot be had.
    pub fn start(settings: SandboxSettings, listen: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(settings));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            LineListener(tokio::net::TcpListener::from_std(listener)?)
        };
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&shared), stopped);
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(move || runtime.block_on(serving))?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://ADDRESS`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked and done so far, as `GET /sandbox/state` gives it.
    pub fn state(&self) -> Value {
        self.shared.state()
    }

    /// Stops: no new connections, open requests get their answers for up to two seconds, and the thread is joined.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // The thread may be gone already; then there is nobody to tell.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
    }
}

async fn serve(listener: LineListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let (tell, told) = oneshot::channel::<()>();
    let router = Router::new().fallback(handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Scissors>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async {
        let _ = told.await;
    });
    let patience = async {
        let _ = stopped.await;
        drop(tell);
        tokio::time::sleep(STOPPING_MAX).await;
    };
    tokio::select! {
        _ = serving => {}
        () = patience => {}
    }
}

async fn handle(
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    State(shared): State<Arc<Shared>>,
    request: HttpRequest,
) -> Response {
    if request.uri().path().starts_with("/sandbox/") {
        let request = read(request).await;
        return respond(shared.inside(&request));
    }
    let _flight = Flight::begin(&shared);
    let request = read(request).await;
    let answer = shared.answer(&request);
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if answer.status.is_none() {
        scissors.cut();
    }
    respond(answer)
}

async fn read(request: HttpRequest) -> Request {
    let (head, body) = request.into_parts();
    let text =
        |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: text(header::AUTHORIZATION),
        content_type: text(header::CONTENT_TYPE),
        body: read_body(body).await,
    }
}

/// The body, unless it is larger than allowed; where its length is announced, nothing of a larger one is read.
async fn read_body(body: HttpBody) -> Body {
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Body::TooLarge;
    }
    to_bytes(body, BODY_BYTES_MAX).await.map_or(Body::TooLarge, |bytes| Body::Read(bytes.to_vec()))
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(HttpBody::from(answer.body));
    *response.status_mut() =
        answer.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    if let Some(content_type) = answer.content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Some((name, value)) = answer.header
        && let Ok(value) = HeaderValue::try_from(value)
    {
        headers.insert(name, value);
    }
    response
}

/// The platform, its clock, and how many requests are under way.
#[derive(Debug)]
struct Shared {
    started: Instant,
    platform: Mutex<Platform>,
    flights: Mutex<Flights>,
}

#[derive(Debug, Default)]
struct Flights {
    now: usize,
    most: usize,
}

impl Shared {
    fn new(settings: SandboxSettings) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started_at_ms = i64::try_from(since_epoch.as_millis()).unwrap_or_default();
        let platform = Mutex::new(Platform::new(settings, started_at_ms));
        Self { started: Instant::now(), platform, flights: Mutex::default() }
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut platform = lock(&self.platform);
        // Read behind the lock, so that the times are in order.
        let at = self.started.elapsed();
        platform.answer(request, at)
    }

    fn state(&self) -> Value {
        let mut state = lock(&self.platform).state();
        state["most_in_flight"] = json!(lock(&self.flights).most);
        state
    }

    /// Answers what is asked of the sandbox itself. It needs no token and counts nowhere.
    fn inside(&self, request: &Request) -> Answer {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/sandbox/state") => Answer::json(200, &self.state()),
            ("POST", "/sandbox/faults") => match lock(&self.platform).change(request.body.bytes()) {
                Ok(()) => Answer::empty(204),
                Err(error) => Answer::problem(400, "invalid_settings", &error.to_string()),
            },
            _ => Answer::problem(404, "not_found", "the sandbox has GET /sandbox/state and POST /sandbox/faults"),
        }
    }
}

/// A request under way, until it is dropped: answered, cut, or left by its client.
struct Flight<'a>(&'a Shared);

impl<'a> Flight<'a> {
    fn begin(shared: &'a Shared) -> Self {
        let mut flights = lock(&shared.flights);
        flights.now += 1;
        flights.most = flights.most.max(flights.now);
        Self(shared)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        lock(&self.0.flights).now -= 1;
    }
}

/// A panic elsewhere leaves counts that are still true.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
