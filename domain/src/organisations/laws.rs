//! The laws of this room.
