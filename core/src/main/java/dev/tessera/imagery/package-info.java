/**
 * Photos: what their headers say, which of them become views, and how their pixels are decoded.
 *
 * <p>Widths, heights and pixels are those of the <em>upright</em> image, EXIF orientation applied.
 */
package dev.tessera.imagery;
