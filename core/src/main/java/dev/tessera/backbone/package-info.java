/**
 * The network: vision transformer, alternating attention, heads. Written from the formulas of VGGT
 * (Wang et al. 2025) and VGG-T3 (2026); state-dict names are the official ones.
 *
 * <p>Letters of the shapes, which are the only short names allowed here:
 *
 * <pre>
 * V views (S in the papers) · P tokens of a view, special ones first · C width · H heads · D = C / H
 * N = V P tokens in all · E width of the fast weights' hidden layer</pre>
 *
 * Tensors have no batch axis: one scene is computed at a time.
 */
package dev.tessera.backbone;
