//! How a command declares its options: once, for argh, which makes the table of them, and
//! for [`Typed`], which reads what was typed by it.

use super::given::Typed;

/// A command, as it was typed.
pub(crate) trait Options: argh::ArgsInfo + Sized {
    /// `None`: `typed` has noted what is wrong.
    fn typed(typed: &mut Typed<'_>) -> Option<Self>;
}

/// Declares a struct of options with argh's attributes. A field's default stands behind
/// `=`, what reads its value behind `=>`, where that is not its type, and the commands
/// below this one behind `in`. Positionals follow the options, and those commands both.
macro_rules! options {
    (
        $(#[$($about:tt)*])*
        $vis:vis struct $command:ident {$(
            $(#[doc $($help:tt)*])*
            #[argh($($declared:tt)*)]
            $shown:vis $field:ident: $kind:ident $(<$value:ty>)?
                $(in $below:ident)? $(= $default:expr)? $(=> $read:expr)?
        ),* $(,)?}
    ) => {
        #[derive(Debug, argh::ArgsInfo)]
        $(#[$($about)*])*
        $vis struct $command {$(
            $(#[doc $($help)*])*
            #[argh($($declared)*)]
            // That there is one: argh has no use for its value.
            $(#[argh(default = "()")] #[cfg_attr(any(), doc = stringify!($default))])?
            $shown $field: $kind $(<$value>)?,
        )*}

        impl $crate::commands::options::Options for $command {
            #[allow(unused_variables)]
            fn typed(typed: &mut $crate::commands::given::Typed<'_>) -> Option<Self> {
                Some(Self {$(
                    $field: $crate::commands::options::field!(
                        typed, $kind $(<$value>)? $(in $below)? $(= $default)? $(=> $read)?
                    ),
                )*})
            }
        }
    };
}

macro_rules! field {
    ($typed:ident, bool) => {
        $typed.switch()
    };
    ($typed:ident, Option<$value:ty> in $below:ident) => {
        <$below as $crate::commands::options::Options>::typed($typed)
    };
    ($typed:ident, $value:ident in $below:ident) => {
        <$below as $crate::commands::options::Options>::typed($typed)?
    };
    ($typed:ident, $shape:ident $(<$value:ty>)? $(= $default:expr)?) => {
        $crate::commands::options::field!(
            $typed, $shape $(<$value>)? $(= $default)? => argh::FromArgValue::from_arg_value
        )
    };
    ($typed:ident, Option<$value:ty> => $read:expr) => {
        $typed.one::<$value>($read)
    };
    ($typed:ident, Vec<$value:ty> => $read:expr) => {
        $typed.all::<$value>($read)
    };
    ($typed:ident, $value:ty = $default:expr => $read:expr) => {
        $typed.one::<$value>($read).unwrap_or_else(|| $default)
    };
    // It is noted as missing.
    ($typed:ident, $value:ty => $read:expr) => {
        $typed.one::<$value>($read).unwrap_or_default()
    };
}

/// Declares an enum of commands, one of which is typed behind another one's options.
macro_rules! commands {
    ($(#[$($about:tt)*])* enum $commands:ident {
        $($name:ident($($command:tt)*)),* $(,)?
    }) => {
        #[derive(Debug, argh::ArgsInfo)]
        #[argh(subcommand)]
        $(#[$($about)*])*
        enum $commands {$($name($($command)*)),*}

        impl $crate::commands::options::Options for $commands {
            fn typed(typed: &mut $crate::commands::given::Typed<'_>) -> Option<Self> {
                type Read = fn(&mut $crate::commands::given::Typed<'_>) -> Option<$commands>;
                const READ: &[Read] = &[$(|typed| {
                    <$($command)* as $crate::commands::options::Options>::typed(typed)
                        .map($commands::$name)
                }),*];
                READ.get(typed.enter()?)?(typed)
            }
        }
    };
}

pub(super) use {commands, field, options};
