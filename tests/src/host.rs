//! A host for one test, with the honest runner of this package.

use crate::program;
use plughold::{Api, HostBuilder, Sandbox, SandboxLevel, ShutdownReport};
use plughold_testing::{Watched, quick_limits};
use std::ops::{Deref, DerefMut};

/// The host gets the runner that misbehaves, which does not lock itself and says so.
pub fn with_misbehaving_runner<S: Send + Sync + 'static>(builder: HostBuilder<S>) -> HostBuilder<S> {
    let builder = builder.runner(program("misbehaving-runner"));
    builder.sandbox(Sandbox::Exactly(SandboxLevel::D)).allow_unsandboxed()
}

/// A [`plughold_testing::TestHost`] that runs the honest runner unless told otherwise.
pub struct TestHost(plughold_testing::TestHost);

impl TestHost {
    /// A host that offers `api`. Inside a tokio runtime.
    pub fn new<S: Send + Sync + 'static>(api: Api<S>) -> TestHost {
        TestHost::built(api, |builder| builder)
    }

    /// The same with [quick limits](quick_limits).
    pub fn quick<S: Send + Sync + 'static>(api: Api<S>) -> TestHost {
        TestHost::built(api, |builder| builder.limits(quick_limits()))
    }

    /// The same with whatever `adjust` changes.
    pub fn built<S: Send + Sync + 'static>(
        api: Api<S>,
        adjust: impl FnOnce(HostBuilder<S>) -> HostBuilder<S>,
    ) -> TestHost {
        let with_runner = |builder: HostBuilder<S>| adjust(builder.runner(program("test-runner")));
        TestHost(plughold_testing::TestHost::built(api, with_runner))
    }

    /// See [`plughold_testing::TestHost::finish`].
    pub async fn finish(self) {
        self.0.finish().await;
    }

    /// See [`plughold_testing::TestHost::end`].
    pub async fn end(self) -> ShutdownReport {
        self.0.end().await
    }

    /// See [`plughold_testing::TestHost::abandon`].
    pub fn abandon(self) -> Vec<Watched> {
        self.0.abandon()
    }
}

impl Deref for TestHost {
    type Target = plughold_testing::TestHost;

    fn deref(&self) -> &plughold_testing::TestHost {
        &self.0
    }
}

impl DerefMut for TestHost {
    fn deref_mut(&mut self) -> &mut plughold_testing::TestHost {
        &mut self.0
    }
}
