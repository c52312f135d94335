// Pooling as it leaves the module: one name per element type.
import { maxPool, poolGather, poolScatter } from './pool';

/** y, places := the largest of every window and where it stands in its plane; see pool.ts. */
export function max_pool_f64(planes: i32, geometry: usize, x: usize, y: usize, places: usize): void {
  maxPool<f64>(planes, geometry, x, y, places);
}
export function max_pool_f32(planes: i32, geometry: usize, x: usize, y: usize, places: usize): void {
  maxPool<f32>(planes, geometry, x, y, places);
}

/** y[i] := x[places[i]] in `planes` planes of `extent` elements. */
export function pool_gather_f64(planes: i32, extent: i32, outputs: i32, x: usize, y: usize, places: usize): void {
  poolGather<f64>(planes, extent, outputs, x, y, places);
}
export function pool_gather_f32(planes: i32, extent: i32, outputs: i32, x: usize, y: usize, places: usize): void {
  poolGather<f32>(planes, extent, outputs, x, y, places);
}

/** x := 0, then x[places[i]] += y[i]. */
export function pool_scatter_f64(planes: i32, extent: i32, outputs: i32, x: usize, y: usize, places: usize): void {
  poolScatter<f64>(planes, extent, outputs, x, y, places);
}
export function pool_scatter_f32(planes: i32, extent: i32, outputs: i32, x: usize, y: usize, places: usize): void {
  poolScatter<f32>(planes, extent, outputs, x, y, places);
}
