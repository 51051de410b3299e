//! The touchscreen: a model, a function from the model to a scene, and what draws it.

pub mod pinyin;
