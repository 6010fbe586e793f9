/** What the platform learns from a site's history, pure: time, seeds and data come in, numbers and reasons go out. */
export * from './assessment.ts';
export * from './bootstrap.ts';
export * from './calendar.ts';
export * from './contest.ts';
export * from './model.ts';
export * from './profile.ts';
export * from './promotion.ts';
export * from './protocol.ts';
export * from './quantiles.ts';
export * from './ridge.ts';
export * from './rolling.ts';
export * from './scores.ts';
export * from './series.ts';
export { naiveWh } from './naive.ts';
