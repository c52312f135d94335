// Comparisons, with results of i32; NaN equals nothing, and is neither above nor below anything.

fn ordered(a: f32, b: f32) -> bool {
  return !is_nan(a) && !is_nan(b);
}

fn equal_f32(a: f32, b: f32) -> i32 {
  return select(0, 1, ordered(a, b) && order(a) == order(b));
}

fn notEqual_f32(a: f32, b: f32) -> i32 {
  return 1 - equal_f32(a, b);
}

fn greater_f32(a: f32, b: f32) -> i32 {
  return select(0, 1, ordered(a, b) && order(a) > order(b));
}

fn greaterEqual_f32(a: f32, b: f32) -> i32 {
  return select(0, 1, ordered(a, b) && order(a) >= order(b));
}

fn isNaN_f32(x: f32) -> i32 {
  return select(0, 1, is_nan(x));
}

/// 1 where a > b, 1/2 where they are equal, else 0: what a gets of the derivative of max(a, b).
fn share_f32(a: f32, b: f32) -> f32 {
  return 0.5 * f32(greater_f32(a, b) + greaterEqual_f32(a, b));
}
