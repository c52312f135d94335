// Table 1: what inference costs, with constraints in the network and with a projection after it.
import { astype, compile, cones, eye, neg, nn, optim, random, reshape, scope, slice, zeros } from 'cotangent';
import { checkerboardOf, projected } from './cone-models.mjs';

const SIDE = 28;
const IMAGES = 59000;

const shown = (time) => (time < 100 ? time.toPrecision(3) : time.toFixed(0));

/** Median of the seconds that a call takes. */
function seconds(run, rounds) {
  run();
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return times.sort((a, b) => a - b)[rounds >> 1];
}

/** Seconds for a batch by a compiled model. */
function inference(model, x, rounds) {
  const params = model.init(random(1), x.shape.slice(1));
  const plan = compile((params, x) => model.apply(params, x));
  const time = seconds(() => void plan(params, x), rounds);
  plan.dispose();
  return time;
}

/** Seconds for a batch of projections: all at once, and one quadratic program after the other. */
function projections(set, y, quick) {
  const d = SIDE * SIDE;
  const images = scope(() => astype(y, 'f64'));
  const few = quick ? 1 : 4;
  const [P, h] = [eye(d), zeros([set.A.shape[0]])];
  const programs = seconds(() => {
    for (let k = 0; k < few; k++)
      scope(() => {
        const q = neg(reshape(slice(images, [k], [k + 1]), [d]));
        optim.quadraticProgram({ P, q, G: set.A, h }, { method: optim.operatorSplitting(), throws: false });
      });
  }, 1);
  return {
    single: (programs / few) * y.shape[0],
    batched: seconds(() => scope(() => void cones.project(set.A, images)), quick ? 1 : 3),
    boxed: seconds(() => projected(set, images).dispose(), quick ? 1 : 3),
  };
}

/** The table. */
export async function inferenceTimes({ data, settings, say }) {
  const d = SIDE * SIDE;
  const set = checkerboardOf(SIDE);
  const rounds = settings.quick ? 3 : 15;
  const x = data.original;
  const [batch] = x.shape;
  const codes = random(2).normal([batch, 2], { dtype: 'f32' });
  const cone = nn.coneConstraint(set.A, { box: 1 });
  const ray = nn.rayConstraint(set.all.A, set.all.b);
  const decoder = (...end) =>
    nn.sequential([nn.dense(256), nn.activation('relu'), nn.dense(d), nn.activation('sigmoid'), ...end]);
  const measured = (projection, vae) => [inference(projection, x, rounds), inference(vae, codes, rounds)];
  const free = measured(nn.dense(d), decoder());
  const after = projections(set, x, settings.quick);
  const plus = (time) => free.map((base) => base + time);
  const rows = [
    ['unconstrained, and with soft penalties', free],
    ['constrained (cone)', measured(cone, decoder(cone)), ['0.46', '0.75']],
    ['ray constraint, cone and box', measured(ray, decoder(ray))],
    ['test time projection, a program each', plus(after.single), ['82', '40']],
    ['  all at once by cones.project', plus(after.batched)],
    ['  cone and box, tile by tile', plus(after.boxed)],
  ];
  const scale = IMAGES / batch;
  say(
    `Table 1: seconds of inference for ${IMAGES} images of 28 x 28 in batches of ${batch}, beside the paper's (a GPU, and OSQP for projections).`,
  );
  say('                                            projection   the paper         VAE   the paper');
  for (const [name, found, paper = ['', '']] of rows) {
    const cells = found.flatMap((time, i) => [shown(time * scale), paper[i]]);
    say(`  ${name.padEnd(42)}${cells.map((cell, i) => cell.padStart([10, 12, 12, 12][i])).join('')}`);
  }
  const ratio = (i) => (rows[3][1][i] / rows[1][1][i]).toFixed(0);
  say(
    `  Projections of single images take ${ratio(0)} and ${ratio(1)} times as long as constraints in the network (the paper: 178 and 53).`,
  );
  const beside = (row) => (rows[row][1][0] / rows[1][1][0]).toFixed(1);
  say(
    `  For all images at once cones.project takes ${beside(4)} times as long for the cone alone, whose rows are few, and ${beside(5)} times with the box.`,
  );
}
