//! What a figure of a board counts, by the name of the figure.

/// An enum of groups, each with the name of its figure and what users see.
macro_rules! groups {
    ($(#[$about:meta])* pub enum $Group:ident {
        $($(#[$doc:meta])* $variant:ident = $code:literal / $name:literal,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Group { $($(#[$doc])* $variant,)* }

        impl $Group {
            /// Every group.
            pub const ALL: &[$Group] = &[$($Group::$variant),*];

            /// Stable code: the name of the figure.
            pub const fn code(self) -> &'static str {
                match self { $($Group::$variant => $code,)* }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $($Group::$variant => $name,)* }
            }

            /// Back from the code.
            pub fn from_code(code: &str) -> Option<$Group> {
                $Group::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

pub(crate) use groups;
