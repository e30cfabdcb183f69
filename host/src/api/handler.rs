//! From any `async fn` with typed arguments to one kind of function.

use crate::api::{Cx, Invocation};
use crate::value::{Encoded, Incoming, Thrown, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// An `async fn(Cx<S>, A, B, …) -> Result<R, E>` with up to eight arguments, where each argument can be decoded, `R` can
/// be encoded, and `E` is any error or a [`Thrown`].
///
/// It is implemented for all such functions and closures; nobody implements it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a function of this API",
    label = "not such an `async fn`",
    note = "it is an `async fn(Cx<{S}>, A, B, …) -> Result<R, E>` with up to eight arguments after the `Cx`",
    note = "each argument is owned and implements `Deserialize`, and `R` implements `Serialize`",
    note = "`E` is `Thrown` or a `std::error::Error`; `String`, `anyhow::Error` and `Box<dyn Error>` are none: map them with `Thrown::new` or `Thrown::from_error`",
    note = "its future is `Send`, and so is all that it keeps across an `await`"
)]
pub trait Handler<S, A>: Clone + Send + Sync + 'static {
    #[doc(hidden)]
    fn invoke(&self, cx: Cx<S>, args: &Incoming) -> Result<Running, Thrown>;
}

/// What a function is doing: gives its encoded result, or its encoded error.
pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Encoded, Vec<u8>>> + Send>>;

/// A function whose types are erased. Arguments that do not fit give the error at once.
pub(crate) type Erased = Arc<dyn Fn(Invocation, Incoming) -> Result<Running, Thrown> + Send + Sync>;

pub(crate) fn erase<S: Send + Sync + 'static, A, H: Handler<S, A>>(state: Arc<S>, handler: H) -> Erased {
    Arc::new(move |invocation, args| handler.invoke(Cx::new(state.clone(), invocation), &args))
}

macro_rules! handler {
    ($($arg:ident $index:literal),*) => {
        impl<S, F, Fut, R, E, $($arg),*> Handler<S, ($($arg,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn(Cx<S>, $($arg),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Result<R, E>> + Send + 'static,
            R: Serialize,
            E: Into<Thrown>,
            $($arg: DeserializeOwned + Send),*
        {
            #[allow(non_snake_case, reason = "the names of the types serve as the names of the arguments")]
            #[allow(unused_variables, reason = "a function without arguments decodes none")]
            fn invoke(&self, cx: Cx<S>, args: &Incoming) -> Result<Running, Thrown> {
                let exports = cx.session().exports().clone();
                // Decoding runs code of the application as well.
                let running = catch_unwind(AssertUnwindSafe(|| {
                    $(let $arg: $arg = args.argument($index).map_err(|words| Thrown::new("TypeError", words))?;)*
                    Ok::<Fut, Thrown>(self(cx, $($arg),*))
                }));
                let running = running.unwrap_or_else(|panic| Err(panicked(&*panic)))?;
                Ok(Box::pin(async move {
                    match running.await {
                        Ok(result) => encode(&result, &exports).map_err(|words| {
                            Thrown::new("TypeError", format!("the result cannot be sent: {words}")).to_value()
                        }),
                        Err(error) => Err(error.into().to_value()),
                    }
                }))
            }
        }
    };
}

handler!();
handler!(A 0);
handler!(A 0, B 1);
handler!(A 0, B 1, C 2);
handler!(A 0, B 1, C 2, D 3);
handler!(A 0, B 1, C 2, D 3, G 4);
handler!(A 0, B 1, C 2, D 3, G 4, H 5);
handler!(A 0, B 1, C 2, D 3, G 4, H 5, I 6);
handler!(A 0, B 1, C 2, D 3, G 4, H 5, I 6, J 7);

/// A function of the application that panics fails its call, and not the plugin's connection.
pub(crate) struct CatchPanic {
    pub(crate) running: Running,
    pub(crate) path: Arc<str>,
}

impl Future for CatchPanic {
    type Output = Result<Encoded, Vec<u8>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        catch_unwind(AssertUnwindSafe(|| this.running.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic).at(&this.path).to_value())))
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Thrown {
    let words = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    Thrown::new(
        "InternalError",
        format!("the application's function panicked: {}", words.unwrap_or("without words")),
    )
}
