//! The platform as a local server, to rehearse against.
