//! What a plugin costs is read by the host, told, and bounded by a budget.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{
    Api, CallDirection, CallError, CpuBudget, Cx, Event, Exit, Figures, FunctionFigures, Holder, KillReason,
    Limits, OverBudget, Plugin, Restart, Thrown,
};
use plughold_tests::{TestHost, patiently};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Computes for some milliseconds of the processor's time, as this machine counts them.
const COMPUTE: &str = "
const compute = (rounds) => {
    let sum = 0;
    for (let round = 0; round < rounds * 100000; round++) {
        sum += round % 7;
    }
    return sum;
};
";

/// A budget of half a second each minute: more than a start takes, also without optimisation.
const LITTLE: Duration = Duration::from_millis(500);

fn limits(cpu: CpuBudget) -> Limits {
    let mut limits = Limits::default();
    limits.cpu = Some(cpu);
    limits
}

fn by_name<'f>(functions: &'f [FunctionFigures], name: &str) -> &'f FunctionFigures {
    functions.iter().find(|function| function.name == name).unwrap_or_else(|| panic!("{functions:?}"))
}

/// A plugin that nobody has anything against, and whose calls go on.
async fn check_neighbour(plugin: &Plugin) {
    let answer = patiently("the neighbour", plugin.call::<_, u32>("answer", ())).await;
    assert_eq!(answer, Ok(42));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_costs_is_told_by_function() {
    let api = Api::new(())
        .function("add", async |_: Cx<()>, one: u32, other: u32| Ok::<_, Thrown>(one + other))
        .function("fail", async |_: Cx<()>| Err::<(), _>(Thrown::new("Error", "no")));
    let mut host = TestHost::new(api);
    let source = format!(
        "{COMPUTE}
        exports.busy = async () => {{ compute(20); return app.add(1, 2); }};
        exports.quiet = () => app.fail().catch(() => 0);
        exports.wrong = () => {{ throw new Error('no'); }};"
    );
    let plugin = host.load("costly", &source).await;
    for _ in 0..3 {
        assert_eq!(patiently("the sum", plugin.call::<_, u32>("busy", ())).await, Ok(3));
        assert_eq!(patiently("nothing", plugin.call::<_, u32>("quiet", ())).await, Ok(0));
    }
    let wrong = patiently("the error", plugin.call::<_, ()>("wrong", ())).await;
    assert!(matches!(wrong, Err(CallError::Thrown(_))), "{wrong:?}");

    let figures = plugin.figures();
    let [to, from] = [&figures.to_plugin, &figures.from_plugin];
    assert_eq!((to.calls, to.errors, from.calls, from.errors), (7, 1, 6, 3));
    let counted = |functions: &[FunctionFigures], name: &str| {
        let function = by_name(functions, name);
        (function.calls, function.errors)
    };
    let exports = ["busy", "quiet", "wrong"].map(|name| counted(&to.functions, name));
    assert_eq!(exports, [(3, 0), (3, 0), (1, 1)]);
    let functions = ["app.add", "app.fail"].map(|name| counted(&from.functions, name));
    assert_eq!(functions, [(3, 0), (3, 3)]);
    // Whoever computes costs most, and comes first.
    let [busy, quiet] = ["busy", "quiet"].map(|name| by_name(&to.functions, name));
    assert_eq!(to.functions.first().unwrap().name, "busy");
    assert!(quiet.spent_us < busy.spent_us, "{figures:?}");
    assert!(busy.spent_us <= 3 * busy.latency.slowest_ns / 1_000 + 3, "{figures:?}");
    assert!(0 < figures.cpu.last_minute_us && figures.cpu.last_minute_us <= figures.cpu.total_us);
    assert_eq!(figures.generation, 1);

    patiently("its end", plugin.stop()).await;
    assert_eq!(plugin.figures(), Figures::default(), "without a process it costs nothing");
    assert_eq!((plugin.pending(), plugin.references()), (vec![], vec![]));
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_what_is_held_is_told() {
    let (entered, mut waits) = mpsc::unbounded_channel();
    let wait = async |cx: Cx<mpsc::UnboundedSender<()>>, _listener: plughold::Callback<(), ()>| {
        cx.state().send(())?;
        cx.cancelled().await;
        Ok::<_, Thrown>(())
    };
    let mut host = TestHost::new(Api::new(entered).function("events.wait", wait));
    let plugin = host.load("waiting", "exports.go = () => app.events.wait(() => 1);").await;
    let call = tokio::spawn(plugin.call::<_, ()>("go", ()).within(Duration::from_secs(60)));
    patiently("the call", waits.recv()).await.unwrap();

    let pending = plugin.pending();
    let names = Vec::from_iter(pending.iter().map(|call| (call.direction, &*call.name)));
    assert_eq!(names, [(CallDirection::ToPlugin, "go"), (CallDirection::FromPlugin, "app.events.wait")]);
    let parent = pending[1].parent.as_ref().unwrap();
    assert_eq!(
        (&*parent.plugin, &*parent.name, parent.direction),
        ("waiting", "go", CallDirection::ToPlugin)
    );
    assert!(pending.iter().all(|call| call.deadline_ms.is_some_and(|left| left <= 60_000)), "{pending:?}");
    let references = plugin.references();
    let [listener] = &*references else { panic!("{references:?}") };
    assert_eq!(listener.place.as_deref(), Some("argument of app.events.wait"));
    assert_eq!((listener.holder, listener.calls), (Holder::Host, 0));
    let figures = plugin.figures();
    assert_eq!((figures.queues.calls_to_plugin, figures.queues.calls_from_plugin), (1, 1));

    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_over_its_budget_is_ended_with_the_reason() {
    let budget = CpuBudget::stop(LITTLE);
    let mut host =
        TestHost::built(Api::new(()), |builder| builder.limits(limits(budget)).restart(Restart::Never));
    let neighbour = host.load("neighbour", "exports.answer = () => 42;").await;
    let source = format!("{COMPUTE} setInterval(() => compute(5), 1);");
    let plugin = host.load("greedy", &source).await;
    let told = |event: &Event| match event {
        Event::OverBudget { plugin, generation: 1, used, budget } if plugin.to_string() == "greedy" => {
            Some((*used, *budget))
        }
        _ => None,
    };
    let (used, told) = host.event("the budget", told).await;
    assert!(LITTLE < used, "{used:?}");
    assert_eq!((told, told.then), (budget, OverBudget::Stop));
    let exit = patiently("its end", plugin.finished()).await;
    assert_eq!(exit, Exit::Killed(KillReason::OverBudget { used, per_minute: LITTLE }));
    assert!(exit.is_abnormal() && !exit.was_asked());
    let words = "in a minute, and may do so for 0.5 s";
    assert!(exit.to_string().ends_with(words), "{exit}");
    check_neighbour(&neighbour).await;
    let _report = host.end().await;
}

/// Each tick of a plugin computes, and then calls. Slowed down it is read once in a second, so a few of them take seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_over_its_budget_is_slowed_down() {
    let (ticked, mut ticks) = mpsc::unbounded_channel();
    let tick =
        async |cx: Cx<mpsc::UnboundedSender<Instant>>| Ok::<_, Thrown>(cx.state().send(Instant::now())?);
    let budget = CpuBudget::slow(LITTLE);
    let api = Api::new(ticked).function("tick", tick);
    let mut host = TestHost::built(api, |builder| builder.limits(limits(budget)));
    let neighbour = host.load("neighbour", "exports.answer = () => 42;").await;
    let source = format!("{COMPUTE} (async () => {{ for (;;) {{ compute(5); await app.tick(); }} }})();");
    let plugin = host.load("greedy", &source).await;
    let told =
        |event: &Event| matches!(event, Event::OverBudget { plugin, .. } if plugin.to_string() == "greedy");
    host.event("the budget", |event| told(event).then_some(())).await;
    while ticks.try_recv().is_ok() {}
    // The first may have been on its way already.
    let mut seen = Vec::new();
    while seen.len() < 5 {
        seen.push(patiently("a tick", ticks.recv()).await.unwrap());
        check_neighbour(&neighbour).await;
    }
    let took = *seen.last().unwrap() - seen[1];
    assert!(Duration::from_secs(2) <= took, "three ticks in {took:?}");
    let cpu = plugin.figures().cpu;
    assert!(cpu.is_slowed && LITTLE < Duration::from_micros(cpu.last_minute_us), "{cpu:?}");
    assert_eq!(cpu.per_minute_us, Some(500_000));
    assert!(!neighbour.figures().cpu.is_slowed);
    let _report = host.end().await;
}
