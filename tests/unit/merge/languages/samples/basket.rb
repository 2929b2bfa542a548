# frozen_string_literal: true

require "json"
require_relative "item"

# The shop.
module Shop
  # What a customer is about to buy.
  class Basket < Container
    include Enumerable

    LIMIT = 10
    MODES = [:plain, :gift].freeze

    attr_reader :name, :items
    has_many :items, dependent: :destroy

    class << self
      def empty
        new("empty", 0)
      end
    end

    # Makes one.
    def initialize(name, count = 1, mode: :plain, **options)
      # Nothing is in it.
      @name = name
      @items = Array.new(count)
      @mode = mode
    end

    def self.load(path)
      JSON.parse(File.read(path))
    end

    # Puts one in.
    def add(item)
      raise Full, "full" if items.size >= LIMIT

      items << item
      self
    end

    def total(prices, extras)
      sum = 0
      items.each do |item|
        sum += prices[item.name] * item.count # in cents
      end
      case @mode
      when :gift then sum = 0
      when :sale, :less
        sum -= discount(sum, 10)
      else
        log("plain", sum)
      end
      if sum.negative?
        sum = 0
      elsif sum > most
        sum = most
      end
      execute(<<~SQL, sum)
        update baskets
        set sum = ?
      SQL
      sum
    rescue KeyError => e
      log("failed", e)
    ensure
      done
    end

    def to_h
      { name: name, count: items.size, "mode" => @mode }
    end

    def ==(other)
      other.name == name
    end

    private

    def discount(sum, percent)
      sum * percent / 100
    end
  end
end

describe "basket" do
  let(:basket) { Shop::Basket.empty }

  it "starts empty" do
    expect(basket.count).to eq(0)
  end

  it "adds" do
    expect(basket.add(1).count).to eq(1)
  end
end
