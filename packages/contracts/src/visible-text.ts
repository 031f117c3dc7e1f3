/**
 * A character that shows by itself: none that Unicode calls white space, a control, a format or default ignorable (fillers,
 * variation selectors, tags), no noncharacter, and none whose glyph is blank: braille without dots, a null note head, blank
 * hieroglyphs. A text whose format is `visible-text` has one; what stands around it may be anything.
 */
export const VISIBLE_CHARACTER =
  /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1d159}\u{13441}\u{13442}]/u;
