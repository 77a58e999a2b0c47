package dev.tessera.jobs;

import org.apache.spark.api.java.JavaDoubleRDD;
import org.apache.spark.api.java.JavaRDD;

/** The exact median of a distributed set: the same for any partitioning. */
final class DistributedMedian {
  private DistributedMedian() {}

  /** The lower of the middle two for an even count; NaN for no values. */
  static double of(JavaDoubleRDD values) {
    JavaRDD<Double> sorted = values.map(v -> v).sortBy(v -> v, true, values.getNumPartitions());
    long count = sorted.count();
    if (count == 0) {
      return Double.NaN;
    }
    long middle = (count - 1) / 2;
    return sorted.zipWithIndex().filter(v -> v._2() == middle).first()._1();
  }
}
