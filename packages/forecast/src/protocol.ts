/** How long things are, in local days, wherever a model learns or is judged (notes: a profile of 56 days, a ridge of 365, 28 judged origins). */

/** Below this nothing is forecast: the site is learning. */
export const LEARNING_DAYS = 14;
/** The profile's memory. */
export const PROFILE_DAYS = 56;
/** The ridge's memory. */
export const RIDGE_DAYS = 365;
/** The oldest lag of the ridge: rows begin after it. */
export const LAG_DAYS = 28;
/** What the ridge fits on at the least, half of it to choose the penalty. */
export const RIDGE_DAYS_MIN = 56;
/** Past forecast errors from which an interval is made. */
export const RESIDUAL_DAYS = 56;
/** At the least so many days of errors before a model may be judged on its interval. */
export const RESIDUAL_DAYS_MIN = 28;
/** Rolling origins, one a local midnight, on which models are judged and never trained. */
export const JUDGED_DAYS = 28;
/** The ridge is fitted anew so often while its past is rolled through. */
export const REFIT_DAYS = 7;
/** A ridge (and so a blend) needs this much history to be fitted, given an interval and judged. */
export const RIDGE_HISTORY_DAYS = LAG_DAYS + RIDGE_DAYS_MIN + RESIDUAL_DAYS_MIN + JUDGED_DAYS;
/** Changes when a model of the same kind, on the same history, would be another one: kept with each version. */
export const CODE_VERSION = 'forecast-1';
