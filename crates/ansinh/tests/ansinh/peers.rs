//! Two programs: ours and one that misbehaves. Afterwards both say the same.

mod compared;
mod dialects;
mod one_stop;
mod one_stop_check;
mod one_stop_guide;
mod population;
mod registries;
mod wallet;
