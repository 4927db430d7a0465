//! mediakit: the media kit that is never wrong and never needs you.
