"""Prints each message of topics as a line of JSON, as Confluent's client deserialises it with the schemas of a registry:
python3 read_kafka.py BOOTSTRAP REGISTRY TOPIC...

Instants are numbers in milliseconds; bytes are {"bytes": hexadecimal digits}.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DEADLINE = 60


def plain(value):
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value


def messages(consumer, topic):
    partitions = consumer.list_topics(topic, timeout=DEADLINE).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    ended = 0
    while ended < len(partitions):
        message = consumer.poll(DEADLINE)
        if message is None:
            sys.exit(f"topic {topic} did not end")
        if message.error() is None:
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:
            ended += 1
        else:
            raise KafkaException(message.error())


def patiently(value, context, attempts=5):
    """A busy registry may leave a request without an answer."""
    try:
        return deserialise(value, context)
    except Exception:
        if attempts == 1:
            raise
        return patiently(value, context, attempts - 1)


bootstrap, url, *topics = sys.argv[1:]
deserialise = AvroDeserializer(SchemaRegistryClient({"url": url, "timeout": 10}))
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": "tests",
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
    "enable.partition.eof": True,
})
for topic in topics:
    for message in sorted(messages(consumer, topic), key=lambda message: (message.partition(), message.offset())):
        value = patiently(message.value(), SerializationContext(topic, MessageField.VALUE))
        print(json.dumps({
            "topic": topic,
            "partition": message.partition(),
            "offset": message.offset(),
            "id": int.from_bytes(message.value()[1:5], "big"),
            "value": {name: plain(field) for name, field in value.items()},
        }))
consumer.close()
