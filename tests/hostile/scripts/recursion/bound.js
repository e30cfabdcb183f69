// ends: thrown RangeError: Maximum call stack size exceeded
// Many functions, each bound to the one before.
export const run = () => {
    let function_ = () => 1;
    for (let i = 0; i < 1_500; i += 1) function_ = function_.bind(null);
    return function_();
};
