//! A faithful fake of the social platforms' HTTP APIs.
